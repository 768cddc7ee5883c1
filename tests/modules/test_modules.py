"""Every module does what its tests say, offline, and refuses what it says it refuses."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.paths import TERRAFORM
from pipeline.terraform import program
from tests.modules.terraform_tests import Completed, outcomes_of
from tests.modules.terraform_text import FOLDERS, checks, expected_failures

BY_NAME = {str(path.relative_to(TERRAFORM)): path for path in FOLDERS}
named = pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)


@named
def test_every_check_has_a_run_that_fails_it(folder: Path) -> None:
    unproved = checks(folder) - expected_failures(folder)
    assert unproved == {}


@named
def test_no_file_is_too_long_to_read(folder: Path) -> None:
    long = {
        file.name: count
        for file in folder.glob("*.tf")
        if (count := len(file.read_text().splitlines())) > 120
    }
    assert long == {}


@named
def test_variables_and_outputs_have_files_of_their_own(folder: Path) -> None:
    misplaced = {
        (file.name, kind)
        for file in folder.glob("*.tf")
        for kind in ("variable", "output")
        if f'{kind} "' in file.read_text() and not file.name.startswith(f"{kind}s.")
    }
    assert misplaced == set()


@named
def test_every_variable_and_output_is_described(folder: Path) -> None:
    text = "\n".join(file.read_text() for file in sorted(folder.glob("*.tf")))
    blocks = [block for block in text.split("\n}\n") if block.lstrip().startswith(("variable ", "output "))]
    assert [block.split('"')[1] for block in blocks if "  description = " not in block] == []


def test_nothing_is_ignored_but_what_autoscaling_owns() -> None:
    ignored = [
        line.strip()
        for file in TERRAFORM.rglob("*.tf")
        for line in file.read_text().splitlines()
        if "ignore_changes" in line
    ]
    assert ignored == ["ignore_changes = [desired_count]"]


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[Path, Future[Completed]]]:
    """What `terraform test` says of the folders that are to be tested; two are tested at a time."""
    items: list[Any] = [item for item in request.session.items if "outcomes" in item.fixturenames]  # type: ignore[attr-defined]
    folders = [item.callspec.params["folder"] for item in items]
    with outcomes_of(folders, tmp_path_factory.mktemp("terraform"), min(2, os.cpu_count() or 1)) as results:
        yield results


@pytest.mark.terraform
@named
def test_terraform_test_passes(folder: Path, outcomes: Mapping[Path, Future[Completed]]) -> None:
    done = outcomes[folder].result()
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.terraform
def test_everything_is_formatted(tmp_path: Path) -> None:
    env = {**os.environ, **program.environ(tmp_path)}
    command = ["terraform", "fmt", "-check", "-recursive", "-diff", "-no-color"]
    done = subprocess.run(command, cwd=TERRAFORM, env=env, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


@named
def test_an_inline_policy_names_its_role_by_what_changes_with_it(folder: Path) -> None:
    """A role that is replaced, as by another path, keeps its name: a policy that names it would be lost."""
    text = "\n".join(file.read_text() for file in sorted(folder.glob("*.tf")))
    blocks = [block for block in text.split("\n}\n") if 'resource "aws_iam_role_policy" ' in block]
    by_name = [
        line.strip()
        for block in blocks
        for line in block.splitlines()
        if re.search(r"aws_iam_role\.\S+\.name\b", line)
    ]
    assert by_name == []
