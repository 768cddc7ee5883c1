"""`make test` runs processes side by side: no test is left out, no failure is lost, Ctrl-C ends all."""

import os
import re
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression

from pipeline.core.paths import ROOT
from tests.suite import run as suite
from tests.suite.parts import PARTS
from tests.support.waiting import until

pytestmark = pytest.mark.slow

MARKS = ("docker", "stack", "browser", "terraform", "slow", "applied", "faults")
PROGRAM = """
import sys
from tests.suite.run import run
names = ("first", "second", "last")
sys.exit(run({name: ["sh", "-c", script] for name, script in zip(names, sys.argv[1:], strict=True)}))
"""


def start(*scripts: str, **env: str) -> "subprocess.Popen[str]":
    """The runner, with three scripts in place of pytest."""
    return subprocess.Popen(
        [sys.executable, "-S", "-c", PROGRAM, *scripts],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(*scripts: str, **env: str) -> tuple[int, str]:
    process = start(*scripts, **env)
    output, _ = process.communicate(timeout=30)
    return process.returncode, output


def test_every_test_belongs_to_one_part_unless_it_has_a_target_of_its_own() -> None:
    parts = [Expression.compile(marks) for marks in PARTS.values()]
    for values in product([False, True], repeat=len(MARKS)):
        has = dict(zip(MARKS, values, strict=True))
        chosen = [part for part in parts if part.evaluate(has.__getitem__)]
        assert len(chosen) == (0 if has["applied"] or has["faults"] else 1), has


def test_no_part_draws_as_few_examples_as_the_unit_suite() -> None:
    assert not any("not docker" in marks for marks in PARTS.values())


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_all_pass_and_what_each_prints_is_shown(unbuffered: str) -> None:
    scripts = ("echo 1; echo an error >&2", "echo 2; echo a warning >&2", "echo 3")
    code, output = run(*scripts, PYTHONUNBUFFERED=unbuffered)
    assert code == 0
    assert {"1", "an error", "2", "a warning", "3"} <= {*output.splitlines()}
    assert output.splitlines()[-3:] == ["first: passed", "second: passed", "last: passed"]


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize(("ends", "expected"), [((1, 0), 1), ((1, 4), 4), (("KILL", 0), 128 + 9)])
def test_what_fails_in_any_fails_the_whole(place: int, ends: tuple[object, int], expected: int) -> None:
    def script(end: object) -> str:
        return f"echo what failed; {'kill -KILL $$' if end == 'KILL' else f'exit {end}'}"

    codes = [ends[1], ends[1], ends[1]]
    codes[place] = ends[0]
    code, output = run(*map(script, codes))
    assert code == expected
    assert output.count("what failed") == 3
    for name, end in zip(("first", "second", "last"), codes, strict=True):
        assert (f"{name}: FAILED, exit code" in output, f"{name}: passed" in output) == (bool(end), not end)


def test_what_the_others_print_comes_at_their_end_and_in_one_piece(tmp_path: Path) -> None:
    """A run that is ended from outside later has shown it already."""

    def wait_for(name: str) -> str:
        return f"until [ -e {tmp_path}/{name} ]; do sleep 0.02; done"

    process = start(
        f"echo begins; touch {tmp_path}/began; {wait_for('go')}; echo ends",
        f"{wait_for('began')}; echo a; sleep 0.1; echo b; touch {tmp_path}/next",
        f"{wait_for('next')}; echo c; sleep 0.3; echo d",
    )
    assert process.stdout is not None
    lines = [process.stdout.readline().strip() for _ in range(11)]
    (tmp_path / "go").touch()
    rest = process.communicate(timeout=30)[0].split("\n")
    assert (lines[0], lines[3:5], lines[8:10], rest[0]) == ("begins", ["a", "b"], ["c", "d"], "ends")


def test_it_says_what_it_waits_for(tmp_path: Path) -> None:
    waits = f"until [ -e {tmp_path}/go ]; do sleep 0.02; done"
    process = start("true", "true", waits)
    assert process.stdout is not None
    assert any(line == "waiting for the last\n" for line in iter(process.stdout.readline, ""))
    (tmp_path / "go").touch()
    process.communicate(timeout=30)


def test_only_the_last_has_a_lower_priority(tmp_path: Path) -> None:
    """It is `nice` that is seen here: what runs at the lowest priority cannot be lowered."""
    program = tmp_path / "nice"
    program.write_text('#!/bin/sh\necho "$1 $2"; shift 2; exec "$@"\n')
    program.chmod(0o755)
    code, output = run("echo one", "echo two", "echo three", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert code == 0
    assert re.search(r"-n 10\nthree", output)
    assert output.count("-n 10") == 1


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_interrupts_all_once_and_waits_for_them(tmp_path: Path, stop: signal.Signals) -> None:
    def script(name: str) -> str:
        tidy = f"echo {name} tidies; sleep 0.2; echo {name} is tidy; exit 2"
        return f"trap '{tidy}' INT; touch {tmp_path}/{name}; while :; do sleep 0.05; done"

    names = ("first", "second", "last")
    process = start(*map(script, names))
    until(lambda: len(list(tmp_path.iterdir())) == len(names), 10)
    process.send_signal(stop)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    for name in names:
        assert [line for line in output.splitlines() if line.startswith(f"{name} ")] == [
            f"{name} tidies",
            f"{name} is tidy",
        ]


def test_none_goes_on_if_the_other_cannot_start() -> None:
    began = time.monotonic()
    with pytest.raises(FileNotFoundError):
        suite.run({"first": ["/there/is/no/such/program"], "second": ["sleep", "60"]})
    assert time.monotonic() - began < 30


def test_make_test_runs_all_parts() -> None:
    command = ["make", "--dry-run", "--always-make", "--no-print-directory", "test"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ".venv/bin/python -m tests.suite"
