"""What terraform read from a state is kept only as long as the state's object is the same."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import TandemError
from pipeline.terraform import program
from pipeline.terraform.root import TerraformRoot
from pipeline.terraform.runner import Runner


class Terraform:
    """A root whose terraform counts its commands, and whose state is `version`."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.version, self.commands, self.value, self.is_secret = "1", list[str](), "a", False
        patch.setattr(TerraformRoot, "init", lambda _: None)
        patch.setattr(Runner, "run", self._run)
        patch.setattr(Runner, "addresses", self._addresses)
        self.root = TerraformRoot(folder, folder, {}, {}, [], lambda: self.version)

    def _run(self, command: str, **_: Any) -> str:
        self.commands.append(command)
        secret = ', "sensitive": true' if self.is_secret else ""
        return f'{{"url": {{"value": "{self.value}"{secret}}}}}'

    def _addresses(self) -> list[str]:
        self.commands.append("state list")
        return [self.value]


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terraform:
    return Terraform(tmp_path, monkeypatch)


def test_the_same_state_is_read_once(terraform: Terraform) -> None:
    assert [terraform.root.output(), terraform.root.output()] == [{"url": "a"}] * 2
    assert [terraform.root.addresses(), terraform.root.addresses()] == [["a"]] * 2
    assert terraform.commands == ["output", "state list"]


def test_another_state_is_read_again(terraform: Terraform) -> None:
    terraform.root.output()
    terraform.root.addresses()
    terraform.version, terraform.value = "2", "b"
    assert (terraform.root.output(), terraform.root.addresses()) == ({"url": "b"}, ["b"])


def test_a_state_of_which_nothing_is_known_is_read_each_time(terraform: Terraform) -> None:
    terraform.version = ""
    terraform.root.output()
    terraform.value = "b"
    assert terraform.root.output() == {"url": "b"}


def test_what_another_run_writes_during_the_reading_is_not_taken_for_older(terraform: Terraform) -> None:
    versions = iter(["1", "2"])
    root = TerraformRoot(terraform.root.folder, terraform.root.data_dir, {}, {}, [], lambda: next(versions))
    terraform.value = "of 2"
    root.output()  # asked for the version before another run wrote, and read after that
    terraform.commands.clear()
    assert root.output() == {"url": "of 2"}
    assert terraform.commands == ["output"]


def test_a_secret_output_is_in_no_file(terraform: Terraform) -> None:
    terraform.is_secret = True
    assert [terraform.root.output(), terraform.root.output()] == [{"url": "a"}] * 2
    assert terraform.commands == ["output", "output"]
    assert not (terraform.root.data_dir / "outputs.json").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": "1"}'])
def test_a_damaged_file_is_read_again(terraform: Terraform, text: str) -> None:
    (terraform.root.data_dir / "outputs.json").write_text(text)
    assert terraform.root.output() == {"url": "a"}


def test_a_full_disk_costs_only_the_time(terraform: Terraform) -> None:
    (terraform.root.data_dir / "outputs.json").mkdir()
    assert terraform.root.output() == {"url": "a"}


def test_a_root_is_initialised_until_its_backend_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runner, "run", lambda *_, **__: "")
    monkeypatch.setattr(program, "require", lambda: None)
    root = TerraformRoot(tmp_path, tmp_path / "data", {}, {"bucket": "a"}, [])
    assert not root.is_initialised()
    root.init()
    assert root.is_initialised()
    assert not replace(root, backend={"bucket": "b"}).is_initialised()


PLANS = {
    "a new task definition": ("  # module.service.x must be replaced\n\nPlan: 1 to add", True),
    "other weights": ("  # module.api[0].y will be updated in-place\n\nPlan: 1 to change", True),
    "nothing": ("No changes.", True),
    "one more": ("  # module.service.x will be updated in-place\n  # z will be created\n", False),
    "one less": ("  # z will be destroyed\n", False),
    "another name": ("  # y has moved to z\n", False),
}


@pytest.mark.parametrize("name", PLANS)
def test_the_addresses_are_read_again_after_an_apply_that_changes_them(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, keeps_addresses = PLANS[name]
    terraform = Terraform(tmp_path / "release", monkeypatch)

    def apply(runner: Runner, command: str, **_: Any) -> str:
        del runner
        terraform.commands.append(command)
        terraform.version += "+"
        return text

    monkeypatch.setattr(Runner, "run", apply)
    terraform.root.apply()
    terraform.root.apply()
    reads = ["state list", "apply"] + ([] if keeps_addresses else ["state list"]) + ["apply"]
    assert terraform.commands == reads


def test_the_addresses_are_read_again_after_an_apply_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terraform = Terraform(tmp_path / "release", monkeypatch)

    def fail(*_: Any, **__: Any) -> str:
        terraform.version += "+"
        raise TandemError("terraform apply failed")

    monkeypatch.setattr(Runner, "run", fail)
    for _ in range(2):
        with pytest.raises(TandemError):
            terraform.root.apply()
    assert terraform.commands == ["state list"] * 2
