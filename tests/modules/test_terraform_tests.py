"""Folders are tested at the same time, and no provider serves two of them."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.modules.terraform_tests import TerraformTests
from tests.support.waiting import until

pytestmark = pytest.mark.slow

PROGRAM = """#!/bin/sh
[ "$1" = "$FAILS" ] && { echo "$1 failed" >&2; exit 1; }
[ "$1" = init ] && exit 0
mkdir "$BUSY/$WHO" || exit 9
for wait in 1 2 3 4 5 6 7 8 9 10; do [ "$(ls "$BUSY" | wc -l)" = 2 ] && touch "$BUSY.both"; sleep 0.02; done
rmdir "$BUSY/$WHO"
"""


@pytest.fixture
def providers(tmp_path: Path) -> Sequence[Mapping[str, str]]:
    program, busy = tmp_path / "terraform", tmp_path / "busy"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    busy.mkdir()
    return [{"PATH": f"{tmp_path}:/usr/bin:/bin", "BUSY": str(busy), "WHO": who} for who in "ab"]


def run(tests: TerraformTests, tmp_path: Path, names: str) -> list[tuple[int, str]]:
    for name in names:
        (tmp_path / name).mkdir()
    with ThreadPoolExecutor(len(names)) as pool:
        done = list(pool.map(tests.run, [tmp_path / name for name in names]))
    return [(each.returncode, each.stderr) for each in done]


def test_each_folder_has_a_provider_of_its_own_while_it_is_tested(
    providers: Sequence[Mapping[str, str]], tmp_path: Path
) -> None:
    assert run(TerraformTests(providers, tmp_path), tmp_path, "xyz") == [(0, "")] * 3
    assert (tmp_path / "busy.both").exists(), "two at the same time"


@pytest.mark.parametrize("command", ["init", "test"])
def test_what_fails_says_why_and_gives_its_provider_back(
    providers: Sequence[Mapping[str, str]], tmp_path: Path, command: str
) -> None:
    tests = TerraformTests([{**providers[0], "FAILS": command}], tmp_path)
    assert run(tests, tmp_path, "xy") == [(1, f"{command} failed\n")] * 2


def test_what_runs_is_ended(providers: Sequence[Mapping[str, str]], tmp_path: Path) -> None:
    (tmp_path / "terraform").write_text('#!/bin/sh\ntouch "$BUSY/began"\nexec sleep 60\n')
    (tmp_path / "x").mkdir()
    tests = TerraformTests(providers, tmp_path)
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(tests.run, tmp_path / "x")
        until((tmp_path / "busy" / "began").exists, 10)
        tests.end()
        assert done.result(10).returncode < 0


def test_nothing_is_started_after_the_end(providers: Sequence[Mapping[str, str]], tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    tests = TerraformTests(providers, tmp_path)
    tests.end()
    assert tests.run(tmp_path / "x").returncode < 0
    assert not list((tmp_path / "busy").iterdir())
