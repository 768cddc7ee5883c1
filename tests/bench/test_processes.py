"""The soak notices a process that grows."""

import subprocess
import sys

import pytest

from tests.bench.processes import Process, Usage, growth, process, usage
from tests.support.waiting import until

pytestmark = pytest.mark.slow  # it starts processes

GROWS = """
import os, sys
kept = []
for line in sys.stdin:
    kind, count = line.split()
    kept.append([os.dup(0) for _ in range(int(count))] if kind == "files" else os.urandom(int(count)))
    print("done", flush=True)
"""


@pytest.fixture
def child():
    made = subprocess.Popen(
        [sys.executable, "-c", GROWS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield made
    made.kill()
    made.communicate()


def grow(child, order):
    child.stdin.write(f"{order}\n")
    child.stdin.flush()
    assert child.stdout.readline() == "done\n"


def measured(child, *orders):
    grow(child, "files 0")  # it has started
    known = [process("part", child.pid)]
    before = usage(known)
    for order in orders:
        grow(child, order)
    (part,) = growth(before, usage(known))
    return part


@pytest.mark.parametrize(
    ("orders", "problem"),
    [
        (["files 15", "memory 1000000"], ""),
        (["files 30"], "GROWS by 30 files"),
        (["memory 30000000"], "GROWS by 30 MB"),
    ],
)
def test_a_process_that_grows_is_named(child, orders, problem):
    part = measured(child, *orders)
    assert part.problem == problem
    assert (problem or "steady") in str(part)


def test_a_part_whose_processes_ended_is_a_problem(child):
    known = [process("part", child.pid)]
    before = usage(known)
    child.kill()
    child.wait()
    until(lambda: not usage(known))
    (part,) = growth(before, usage(known))
    assert part.problem == "no process ran all the time"


def test_another_process_with_the_same_pid_is_not_the_same(child):
    known = process("part", child.pid)
    assert usage([Process("part", child.pid, "1")]) == {}
    assert set(usage([known])) == {known}


def test_one_growing_process_among_many_is_found():
    steady, leaks = Process("app", 1, "1"), Process("app", 2, "1")
    before = dict.fromkeys((steady, leaks), Usage(500_000_000, 10))
    after = before | {leaks: Usage(560_000_000, 10)}
    (part,) = growth(before, after)
    assert (part.problem, part.processes) == ("GROWS by 60 MB", 2)
    assert growth(before, before)[0].problem == ""
