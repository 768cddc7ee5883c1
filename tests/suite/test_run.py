"""`make test` runs two processes: no test is left out, no failure is lost, Ctrl-C ends both."""

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
from tests.support.waiting import until

MARKS = ("docker", "stack", "browser", "terraform", "slow", "applied", "faults")
PROGRAM = """
import sys
from tests.suite.run import run
sys.exit(run({"first": sys.argv[1:4], "second": sys.argv[4:]}))
"""


def start(first: str, second: str, **env: str) -> "subprocess.Popen[str]":
    """The runner, with two scripts in place of pytest."""
    scripts = ["sh", "-c", first, "sh", "-c", second]
    return subprocess.Popen(
        [sys.executable, "-S", "-c", PROGRAM, *scripts],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(first: str, second: str, **env: str) -> tuple[int, str]:
    process = start(first, second, **env)
    output, _ = process.communicate(timeout=30)
    return process.returncode, output


def test_every_test_belongs_to_one_part_unless_it_has_a_target_of_its_own() -> None:
    parts = [Expression.compile(marks) for marks in suite.PARTS.values()]
    for values in product([False, True], repeat=len(MARKS)):
        has = dict(zip(MARKS, values, strict=True))
        chosen = [part for part in parts if part.evaluate(has.__getitem__)]
        assert len(chosen) == (0 if has["applied"] or has["faults"] else 1), has


def test_no_part_draws_as_few_examples_as_the_unit_suite() -> None:
    assert not any("not docker" in marks for marks in suite.PARTS.values())


def test_both_pass_and_what_both_print_is_shown() -> None:
    code, output = run("echo one; echo an error >&2", "echo two; echo a warning >&2")
    assert code == 0
    assert {"one", "an error", "two", "a warning"} <= {*output.splitlines()}
    assert output.splitlines()[-2:] == ["first: passed", "second: passed"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(1, 0, 1), (0, 1, 1), (1, 4, 4), (5, 1, 5), (0, "KILL", 128 + 9), ("KILL", 0, 128 + 9)],
)
def test_what_fails_in_either_fails_the_whole(first: object, second: object, expected: int) -> None:
    def script(end: object) -> str:
        return f"echo what failed; {'kill -KILL $$' if end == 'KILL' else f'exit {end}'}"

    code, output = run(script(first), script(second))
    assert code == expected
    assert output.count("what failed") == 2
    for name, end in (("first", first), ("second", second)):
        assert (f"{name}: FAILED, exit code" in output, f"{name}: passed" in output) == (bool(end), not end)


def test_what_the_second_prints_comes_at_its_end_and_in_one_piece(tmp_path: Path) -> None:
    """A run that is ended from outside later has shown it already."""

    def wait_for(name: str) -> str:
        return f"until [ -e {tmp_path}/{name} ]; do sleep 0.02; done"

    process = start(
        f"echo begins; touch {tmp_path}/began; {wait_for('go')}; echo ends",
        f"{wait_for('began')}; echo a; sleep 0.1; echo b",
    )
    assert process.stdout is not None
    lines = [process.stdout.readline().strip() for _ in range(6)]
    (tmp_path / "go").touch()
    rest = process.communicate(timeout=30)[0].split("\n")
    assert (lines[0], lines[3:5], rest[0]) == ("begins", ["a", "b"], "ends")


def test_the_second_has_a_lower_priority(tmp_path: Path) -> None:
    """It is `nice` that is seen here: what runs at the lowest priority cannot be lowered."""
    program = tmp_path / "nice"
    program.write_text('#!/bin/sh\necho "$1 $2"; shift 2; exec "$@"\n')
    program.chmod(0o755)
    code, output = run("echo one", "echo two", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert code == 0
    assert re.search(r"-n 10\ntwo", output)
    assert "-n 10\none" not in output


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_interrupts_both_once_and_waits_for_them(tmp_path: Path, stop: signal.Signals) -> None:
    def script(name: str) -> str:
        tidy = f"echo {name} tidies; sleep 0.2; echo {name} is tidy; exit 2"
        return f"trap '{tidy}' INT; touch {tmp_path}/{name}; while :; do sleep 0.05; done"

    process = start(script("first"), script("second"))
    until(lambda: len(list(tmp_path.iterdir())) == 2, 10)
    process.send_signal(stop)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    for name in ("first", "second"):
        assert [line for line in output.splitlines() if line.startswith(f"{name} ")] == [
            f"{name} tidies",
            f"{name} is tidy",
        ]


def test_none_goes_on_if_the_other_cannot_start() -> None:
    began = time.monotonic()
    with pytest.raises(FileNotFoundError):
        suite.run({"first": ["/there/is/no/such/program"], "second": ["sleep", "60"]})
    assert time.monotonic() - began < 30


def test_make_test_runs_both_parts() -> None:
    command = ["make", "--dry-run", "--always-make", "--no-print-directory", "test"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ".venv/bin/python -m tests.suite.run"
