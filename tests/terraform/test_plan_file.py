"""A plan's file is gone after its run, however that ended."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.paths import ROOT
from pipeline.terraform.plan_file import plan_file

KILLED = """
import os, sys
from pathlib import Path
from pipeline.terraform.plan_file import plan_file
with plan_file(Path(sys.argv[1])) as file:
    Path(file).write_text("secret")
    os.kill(os.getpid(), 9)
"""


def folders(data_dir: Path) -> list[Path]:
    return list(data_dir.glob("planned-*"))


@pytest.mark.slow
def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, cwd=ROOT)
    (left,) = folders(tmp_path)
    assert (left / "plan").read_text() == "secret"
    with plan_file(tmp_path) as file:
        assert folders(tmp_path) == [Path(file).parent]
    assert folders(tmp_path) == []


def test_a_run_that_lives_keeps_its_plan(tmp_path: Path) -> None:
    with plan_file(tmp_path) as first:
        Path(first).write_text("secret")
        with plan_file(tmp_path) as second:
            assert first != second
            assert Path(first).read_text() == "secret"
        assert Path(first).exists()
    assert folders(tmp_path) == []


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    with plan_file(tmp_path) as file:
        assert Path(file).parent.stat().st_mode & 0o777 == 0o700
