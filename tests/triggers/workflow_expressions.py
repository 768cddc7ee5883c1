"""What is wrong with the expressions and keys of a GitHub workflow, which nothing but a run would tell.

After the reference of GitHub Actions: which contexts each key may use, and what each context holds.
https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability
"""

import re
from collections.abc import Iterator
from typing import Any

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"\s+|(?P<text>'(?:[^']|'')*')|(?P<number>-?(?:0x[0-9a-f]+|\d+(?:\.\d+)?))(?![\w.])"
    r"|(?P<function>[A-Za-z]\w*)(?=\()|(?P<path>[A-Za-z_][\w-]*(?:\.(?:[\w-]+|\*))*)|(?P<sign>[()\[\],!]|[<>]=?|[=!]=|&&|\|\|)"
)
_CONSTANTS = {"true", "false", "null"}
_FUNCTIONS = {
    *("contains", "startswith", "endswith", "format", "join", "tojson", "fromjson", "hashfiles"),
    *("success", "always", "cancelled", "failure"),
}
_GITHUB = {
    *(
        "action",
        "action_path",
        "action_ref",
        "action_repository",
        "action_status",
        "actor",
        "actor_id",
        "api_url",
    ),
    *(
        "base_ref",
        "env",
        "event",
        "event_name",
        "event_path",
        "graphql_url",
        "head_ref",
        "job",
        "path",
        "ref",
    ),
    *(
        "ref_name",
        "ref_protected",
        "ref_type",
        "repository",
        "repository_id",
        "repository_owner",
        "repositoryurl",
    ),
    *("repository_owner_id", "retention_days", "run_attempt", "run_id", "run_number", "secret_source"),
    *(
        "server_url",
        "sha",
        "token",
        "triggering_actor",
        "workflow",
        "workflow_ref",
        "workflow_sha",
        "workspace",
    ),
}
_ANYWHERE = {"github", "inputs", "vars"}
_JOB = _ANYWHERE | {"needs", "strategy", "matrix"}
_STEP = _JOB | {"env", "job", "runner", "secrets", "steps"}
_AVAILABLE = {
    "env": _ANYWHERE | {"secrets"},
    "job if": _ANYWHERE | {"needs"},
    "job env": _JOB | {"secrets"},
    "job secrets": _JOB | {"secrets"},
    "job outputs": _STEP,
    "step if": _STEP - {"secrets"},
    "step uses": set[str](),
    "step id": set[str](),
}
_KEYS = {
    "": {"name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"},
    "job": {
        *(
            "name",
            "needs",
            "runs-on",
            "permissions",
            "environment",
            "concurrency",
            "outputs",
            "env",
            "defaults",
        ),
        *("if", "steps", "timeout-minutes", "strategy", "continue-on-error", "container", "services"),
        *("uses", "with", "secrets"),
    },
    "step": {
        *("id", "if", "name", "uses", "run", "shell", "with", "env", "continue-on-error", "timeout-minutes"),
        "working-directory",
    },
}


def problems(workflow: dict[Any, Any]) -> list[str]:
    """What is wrong, in the order of the text; empty if nothing is."""
    return [
        *_unknown_keys("", workflow),
        *_in_keys("", workflow, {"jobs", "on", True}, _Known(workflow)),
        *_jobs(workflow),
    ]


def _jobs(workflow: dict[Any, Any]) -> Iterator[str]:
    for name, job in workflow["jobs"].items():
        known = _Known(workflow, job)
        yield from _unknown_keys("job", job)
        yield from (f"job {name} needs {each!r}" for each in known.needs if each not in workflow["jobs"])
        if ("uses" in job) == ("runs-on" in job and "steps" in job):
            yield f"job {name} has neither steps with runs-on, nor uses"
        yield from _in_keys("job", job, {"steps", "outputs"}, known)
        for step in job.get("steps", []):
            yield from _step(step, known)
        yield from _in_keys("job", {key: job[key] for key in ("outputs",) if key in job}, set(), known)


def _step(step: dict[str, Any], known: "_Known") -> Iterator[str]:
    yield from _unknown_keys("step", step)
    if ("uses" in step) == ("run" in step):
        yield f"a step has both or none of uses and run: {step}"
    known.step_env = {*step.get("env", {})}
    yield from _in_keys("step", step, set(), known)
    if step.get("id") in known.steps:
        yield f"two steps have the id {step['id']!r}"
    known.steps |= {step["id"]} if "id" in step else set()


def _unknown_keys(level: str, values: dict[Any, Any]) -> list[str]:
    # YAML reads the key `on` as true.
    return [f"unknown key {key!r} {level}" for key in values if key is not True and key not in _KEYS[level]]


def _in_keys(level: str, values: dict[Any, Any], skipped: set[Any], known: "_Known") -> Iterator[str]:
    usual = {"": _ANYWHERE, "job": _JOB, "step": _STEP}[level]
    for key, value in values.items():
        if key not in skipped:
            available = _AVAILABLE.get(f"{level} {key}".strip(), usual)
            for expression in _expressions(value, is_bare=key == "if"):
                yield from known.wrong(expression, available)


def _expressions(value: Any, *, is_bare: bool = False) -> Iterator[str]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _expressions(each)
    elif isinstance(value, str):
        expressions = _EXPRESSION.findall(value)
        yield from expressions
        if is_bare and not expressions:
            yield value
        elif len(expressions) != value.count("${{"):
            yield "${{"  # not closed


class _Known:
    """The names that an expression can use in one job."""

    def __init__(self, workflow: dict[Any, Any], job: dict[str, Any] | None = None) -> None:
        events, job = workflow.get(True, workflow.get("on")) or {}, job or {}
        call = (events.get("workflow_call") or {}) if isinstance(events, dict) else {}
        self.inputs = {*call.get("inputs", {})}
        self.secrets = {*call.get("secrets", {}), "GITHUB_TOKEN"} if call else None
        needs = job.get("needs", [])
        self.needs = {needs} if isinstance(needs, str) else {*needs}
        self.outputs = {name: {*workflow["jobs"].get(name, {}).get("outputs", {})} for name in self.needs}
        self.matrix = {*job.get("strategy", {}).get("matrix", {})}
        self.env, self.step_env = {*workflow.get("env", {}), *job.get("env", {})}, set[str]()
        self.steps = set[str]()

    def wrong(self, expression: str, available: set[str]) -> Iterator[str]:
        """What is wrong with one expression, where these contexts are available."""
        at, depth = 0, 0
        while at < len(expression):
            token = _TOKEN.match(expression, at)
            if token is None:
                yield f"cannot read {expression[at:]!r} of {expression!r}"
                return
            at = token.end()
            depth += {"(": 1, ")": -1}.get(token[0], 0)
            if token["function"] and token["function"].lower() not in _FUNCTIONS:
                yield f"unknown function {token['function']!r} in {expression!r}"
            if token["path"] and token["path"].lower() not in _CONSTANTS:
                yield from self._wrong_path(token["path"].split("."), expression, available)
        if depth or not expression.strip():
            yield f"not a whole expression: {expression!r}"

    def _wrong_path(self, path: list[str], expression: str, available: set[str]) -> Iterator[str]:
        root, name = path[0], path[1] if len(path) > 1 else ""
        names = {
            "github": _GITHUB,
            "inputs": self.inputs,
            "secrets": self.secrets,
            "needs": self.needs,
            "steps": self.steps,
            "env": self.env | self.step_env,
            "matrix": self.matrix,
        }.get(root)
        if root not in available:
            yield f"context {root!r} is not available here: {expression!r}"
        elif names is not None and name and name not in names and name.lower() not in names:
            yield f"{root} has no {name!r}: {expression!r}"
        elif root == "steps" and path[2:3] not in (["outputs"], ["outcome"], ["conclusion"]):
            yield f"a step has no {path[2:]}: {expression!r}"
        elif root == "needs" and path[2:3] != ["result"] and not self._has_output(name, path[2:]):
            yield f"job {name} has no output {path[2:]}: {expression!r}"

    def _has_output(self, job: str, rest: list[str]) -> bool:
        return rest[:1] == ["outputs"] and rest[1:2] != [] and rest[1] in self.outputs[job]
