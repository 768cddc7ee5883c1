"""Rules for the order in which containers start: `dependsOn`, `restartPolicy` and timeouts."""

from collections.abc import Iterator

from render.finding import Finding, Node

_CONDITIONS = ("START", "COMPLETE", "SUCCESS", "HEALTHY")
_MOST_IGNORED_CODES = 50


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
            f"{condition!r} is not a condition",
            f"use one of {', '.join(_CONDITIONS)}",
        )
    if target is None:
        yield Finding(
            dependency.at("containerName"), f"there is no container {name!r}", "name a container of the task"
        )
        return
    if name == container.text("name"):
        yield Finding(dependency.at("containerName"), "a container cannot wait for itself", "remove it")
    if condition in {"SUCCESS", "COMPLETE"} and target.value.get("essential") is not False:
        yield Finding(
            dependency.at("condition"),
            f"{condition} waits for {name!r} to exit, but its exit stops the task",
            f"set essential to false on {name!r}",
        )
    if condition == "HEALTHY" and not target.has("healthCheck"):
        yield Finding(
            dependency.at("condition"), f"HEALTHY, but {name!r} has no healthCheck", f"give {name!r} one"
        )
    if condition == "SUCCESS" and target.node("restartPolicy").has("enabled"):
        yield Finding(
            target.at("restartPolicy"),
            f"{container.text('name')!r} waits for {name!r} with SUCCESS, which a restart would never reach",
            f"remove restartPolicy from {name!r}",
        )


def cycles(root: Node) -> Iterator[Finding]:
    waits_for = {
        container.text("name"): [d.text("containerName") for d in container.nodes("dependsOn")]
        for container in root.containers()
    }
    paths = {container.text("name"): container.at("dependsOn") for container in root.containers()}
    reported: set[frozenset[str]] = set()
    for start in waits_for:
        cycle = _cycle(start, waits_for)
        if cycle and frozenset(cycle) not in reported:
            reported.add(frozenset(cycle))
            yield Finding(
                paths[start], f"a cycle: {' -> '.join([*cycle, start])}", "remove one of these dependencies"
            )


def _cycle(start: str, waits_for: dict[str, list[str]]) -> list[str]:
    """The path from `start` back to itself through at least one other container; empty if there is none."""
    pending = [[start]]
    seen: set[str] = set()
    while pending:
        path = pending.pop()
        for following in waits_for.get(path[-1], []):
            if following == start and len(path) > 1:
                return path
            if following not in seen and following != start:
                seen.add(following)
                pending.append([*path, following])
    return []


def timeouts(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        yield from container.between("startTimeout", 2, 120, "seconds")
        yield from container.between("stopTimeout", 0, 120, "seconds")


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
