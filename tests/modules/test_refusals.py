"""Every validation and every condition has a run that it alone can fail.

`expect_failures` names a variable or a resource; which of its checks failed it does not say. So each run that
expects failures is made without expecting any, and Terraform tells where they were.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.modules.refused import complaints
from tests.modules.terraform_text import FOLDERS, places, refusals

pytestmark = [pytest.mark.terraform, pytest.mark.applied]

CHECKED = re.compile(r"This was checked by the validation rule at ([\w.]+):(\d+),")


def failed(folder: Path, provider: Mapping[str, str], work: Path) -> set[tuple[str, int]]:
    """File and line of each check that fails in some run of the folder's tests."""
    tests = {f"run{at}": run for at, run in enumerate(refusals(folder))}
    found = set()
    for complaint in complaints(folder, tests, provider, work):
        checked = CHECKED.search(complaint.text)
        found.add((checked[1], int(checked[2])) if checked else (complaint.file, complaint.line - 1))
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_check_fails_in_some_run(folder: Path, provider: Mapping[str, str], tmp_path: Path) -> None:
    expected = places(folder)
    if expected:
        assert expected - failed(folder, provider, tmp_path) == set()
