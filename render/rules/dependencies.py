"""Rules for the order in which containers start: `dependsOn`, `restartPolicy` and timeouts."""

from collections.abc import Iterator

from render.finding import Finding, Node, excerpt

_CONDITIONS = ("START", "COMPLETE", "SUCCESS", "HEALTHY")
_MOST_IGNORED_CODES = 50
_LONGEST_NAME = 255


def depends_on(root: Node) -> Iterator[Finding]:
    by_name = {container.text("name"): container for container in root.containers()}
    for container in by_name.values():
        for dependency in container.nodes("dependsOn"):
            yield from _dependency(container, dependency, by_name)


def _dependency(container: Node, dependency: Node, by_name: dict[str, Node]) -> Iterator[Finding]:
    name, condition = dependency.text("containerName"), dependency.text("condition")
    target = by_name.get(name)
    if condition not in _CONDITIONS:
        yield Finding(
            dependency.at("condition"),
            f"{excerpt(condition)} is not a condition",
            f"use one of {', '.join(_CONDITIONS)}",
        )
    if target is None:
        yield Finding(
            dependency.at("containerName"),
            f"there is no container {excerpt(name)}",
            "name a container of the task",
        )
        return
    if name == container.text("name"):
        yield Finding(dependency.at("containerName"), "a container cannot wait for itself", "remove it")
    if condition in {"SUCCESS", "COMPLETE"} and target.value.get("essential") is not False:
        yield Finding(
            dependency.at("condition"),
            f"{condition} waits for {excerpt(name)} to exit, but its exit stops the task",
            f"set essential to false on {excerpt(name)}",
        )
    if condition == "HEALTHY" and target.node("healthCheck").texts("command") in ([], ["NONE"]):
        yield Finding(
            dependency.at("condition"), f"HEALTHY, but {excerpt(name)} has no healthCheck", "give it one"
        )
    if condition == "SUCCESS" and _restarts_after_success(target):
        yield Finding(
            target.at("restartPolicy"),
            f"{excerpt(container.text('name'))} waits for its SUCCESS, which a restart never reaches",
            "add 0 to ignoredExitCodes, or remove restartPolicy",
        )


def _restarts_after_success(container: Node) -> bool:
    """Whether ECS starts the container again after exit code 0, which the policy may ignore."""
    policy = container.node("restartPolicy")
    ignored = policy.value.get("ignoredExitCodes")
    return policy.has("enabled") and not (isinstance(ignored, list) and 0 in ignored)


def cycles(root: Node) -> Iterator[Finding]:
    # ECS also starts a container after those whose volumes it takes.
    waits_for = {
        container.text("name"): [
            *(dependency.text("containerName") for dependency in container.nodes("dependsOn")),
            *(source.text("sourceContainer") for source in container.nodes("volumesFrom")),
        ]
        for container in root.containers()
    }
    paths = {
        container.text("name"): container.at("dependsOn" if container.has("dependsOn") else "volumesFrom")
        for container in root.containers()
    }
    reported_cycles: set[frozenset[str]] = set()
    for start in waits_for:
        cycle = _cycle(start, waits_for)
        if cycle and frozenset(cycle) not in reported_cycles:
            reported_cycles.add(frozenset(cycle))
            yield Finding(
                paths[start],
                f"a cycle: {_joined([*cycle, start])}",
                "remove one of these dependencies",
            )


def _joined(names: list[str]) -> str:
    return " -> ".join(name if len(name) <= _LONGEST_NAME else excerpt(name) for name in names)


def _cycle(start: str, waits_for: dict[str, list[str]]) -> list[str]:
    """The path from `start` back to itself through at least one other container; empty if there is none."""
    pending, came_from = [start], dict[str, str]()
    while pending:
        name = pending.pop()
        for following in waits_for.get(name, []):
            if following == start and name != start:
                return _path(name, start, came_from)
            if following not in came_from and following != start:
                came_from[following] = name
                pending.append(following)
    return []


def _path(name: str, start: str, came_from: dict[str, str]) -> list[str]:
    names = [name]
    while names[-1] != start:
        names.append(came_from[names[-1]])
    return names[::-1]


def timeouts(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        yield from container.between("startTimeout", 2, 120, "seconds")
        yield from container.between("stopTimeout", 2, 120, "seconds")


def restart_policy(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        policy = container.node("restartPolicy")
        yield from policy.between("restartAttemptPeriod", 60, 1800, "seconds")
        codes = policy.value.get("ignoredExitCodes")
        if isinstance(codes, list) and len(codes) > _MOST_IGNORED_CODES:
            yield Finding(
                policy.at("ignoredExitCodes"),
                f"{len(codes)} codes; at most {_MOST_IGNORED_CODES}",
                "ignore fewer",
            )


RULES = (depends_on, cycles, timeouts, restart_policy)
