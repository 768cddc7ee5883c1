"""Every validation and every condition fails some run.

`expect_failures` names a variable or a resource, not the check that fails. So each run that expects failures
runs without the expectation, and Terraform reports the places of the failed checks.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.modules.terraform_diagnostics import diagnostics
from tests.modules.terraform_text import FOLDERS, check_places, refusing_runs

pytestmark = [pytest.mark.terraform, pytest.mark.applied]

CHECKED = re.compile(r"This was checked by the validation rule at ([\w.]+):(\d+),")


def failed(folder: Path, provider: Mapping[str, str], work: Path) -> set[tuple[str, int]]:
    """File and line of each check that fails in some run of the folder's tests."""
    tests = {f"run{at}": run for at, run in enumerate(refusing_runs(folder))}
    places = set()
    for diagnostic in diagnostics(folder, tests, provider, work):
        checked = CHECKED.search(diagnostic.text)
        places.add((checked[1], int(checked[2])) if checked else (diagnostic.file, diagnostic.line - 1))
    return places


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_check_fails_in_some_run(folder: Path, provider: Mapping[str, str], tmp_path: Path) -> None:
    expected = check_places(folder)
    if expected:
        assert expected - failed(folder, provider, tmp_path) == set()
