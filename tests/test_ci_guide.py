"""The workflows in the docs are safe to copy: pinned, with few rights, and clean for zizmor."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.paths import ROOT

_BLOCK = re.compile(r"^```ya?ml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # (v\d+\.\d+\.\d+|your project's commit)")
WORKFLOWS = {
    f"{file.name} {number}": block
    for file in sorted((ROOT / "docs").rglob("*.md"))
    for number, block in enumerate(_BLOCK.findall(file.read_text(encoding="utf-8")), 1)
    if "jobs:" in block
}


def test_there_is_a_workflow() -> None:
    assert WORKFLOWS


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)
def test_actions_are_named_by_commit_and_keep_no_token(workflow: str) -> None:
    used = [line.strip() for line in workflow.splitlines() if "uses:" in line]
    assert [line for line in used if not _PINNED.fullmatch(line.removeprefix("- "))] == []
    assert workflow.count("actions/checkout@") == workflow.count("persist-credentials: false")


@pytest.mark.slow
@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)
def test_zizmor_finds_nothing(workflow: str, tmp_path: Path) -> None:
    file = tmp_path / ".github" / "workflows" / "release.yml"
    file.parent.mkdir(parents=True)
    file.write_text(workflow, encoding="utf-8")
    argv = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--no-progress", str(file)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
