"""Every module does what its tests say, offline, and refuses what it says it refuses."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.core.paths import TERRAFORM
from pipeline.terraform import program
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


def run(folder: Path, env: Mapping[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    command = ["terraform", *argv, "-no-color"]
    return subprocess.run(command, cwd=folder, env=env, text=True, capture_output=True, check=False)


@pytest.mark.terraform
@named
def test_terraform_test_passes(folder: Path, provider: Mapping[str, str], tmp_path: Path) -> None:
    env = {**provider, "TF_DATA_DIR": str(tmp_path)}
    ready = run(folder, env, "init", "-backend=false")
    assert ready.returncode == 0, ready.stderr
    done = run(folder, env, "test")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.terraform
def test_everything_is_formatted(tmp_path: Path) -> None:
    env = {**os.environ, **program.environ(tmp_path)}
    done = run(TERRAFORM, env, "fmt", "-check", "-recursive", "-diff")
    assert done.returncode == 0, done.stdout
