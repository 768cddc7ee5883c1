"""A state with the old addresses follows a rename: nothing is created and nothing is destroyed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.core.paths import TERRAFORM
from tests.modules.account import Account
from tests.modules.terraform_text import FOLDERS

MOVED = re.compile(r"^moved \{\n  from = (\S+)\n  to   = (\S+)\n\}", re.MULTILINE)
BLOCK = re.compile(r'^(?:resource "(\w+)" "(\w+)"|(module) "(\w+)")', re.MULTILINE)
CALL = re.compile(r'^module "(\w+)" \{\n  source = "(\S+)"', re.MULTILINE)
INDEX = re.compile(r"\[[^]]*\]")


def moves(folder: Path) -> list[tuple[str, str]]:
    """The old and the new address of each `moved` block."""
    return [match.groups() for match in MOVED.finditer(text_of(folder))]  # type: ignore[misc]


def addresses(folder: Path) -> set[str]:
    """The resources and module calls that the folder declares, without indexes."""
    return {".".join(filter(None, match.groups())) for match in BLOCK.finditer(text_of(folder))}


def text_of(folder: Path) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.tf")))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_move_leads_to_an_address_that_exists(folder: Path) -> None:
    assert text_of(folder).count("moved {") == len(moves(folder))
    targets = {INDEX.sub("", new) for _, new in moves(folder)}
    assert targets <= addresses(folder) | _within_calls(folder)


def _within_calls(folder: Path) -> set[str]:
    """The resources of the modules that the folder calls, by their addresses in it."""
    calls = CALL.findall(text_of(folder))
    return {f"module.{name}.{address}" for name, source in calls for address in addresses(folder / source)}


def test_states_with_the_load_balancers_old_name_are_moved() -> None:
    assert ("module.edge", "module.load_balancer") in moves(TERRAFORM / "platform")
    assert "module.edge" not in addresses(TERRAFORM / "platform")


@pytest.fixture
def renamed(account: Account) -> Iterator[Account]:
    """The platform, applied, with a state that holds every moved resource under its old address."""
    root = account.platform(require_tls=True)
    root.apply()
    for module in ("records", "observability"):
        for old, new in moves(TERRAFORM / "modules" / module):
            root._runner().move(f"module.{module}.{new}", f"module.{module}.{old}")
    for old, new in moves(TERRAFORM / "platform"):
        root._runner().move(new, old)
    yield account
    root.destroy()


@pytest.mark.terraform
@pytest.mark.applied
def test_a_state_with_the_old_addresses_plans_no_changes(renamed: Account) -> None:
    root = renamed.platform(require_tls=True)
    old = {
        "module.records.aws_s3_bucket_policy.releases[0]",
        "module.observability.aws_sns_topic_policy.alarms",
    }
    assert old <= set(root._runner().addresses())
    assert any(address.startswith("module.edge.") for address in root._runner().addresses())
    plan = root.plan()
    assert not plan.changes, plan.text
    assert "module.edge.aws_lb.this has moved to module.load_balancer.aws_lb.this" in " ".join(
        plan.text.split()
    )
