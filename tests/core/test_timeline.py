"""A timeline knows when each part of a run began, how long it took, and what ran beside it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.core import timeline
from pipeline.core.steps import step
from pipeline.core.timeline import Span, in_timeline, process_start, recording, span


def shape(spans: list[Span]) -> list[tuple[str, int, bool]]:
    return [(each.name, each.depth, each.failed) for each in spans]


def test_steps_are_parts_and_inner_ones_are_deeper() -> None:
    with recording() as run, step("apply"):
        with span("plan"):
            pass
        timeline.add("change", time.monotonic(), time.monotonic())
    assert shape(run.spans) == [("plan", 1, False), ("change", 1, False), ("apply", 0, False)]


def test_a_step_that_works_on_an_image_names_it() -> None:
    with recording() as run, step("push", of="app"):
        pass
    assert shape(run.spans) == [("push app", 0, False)]


def test_a_part_that_fails_is_recorded_as_failed() -> None:
    with recording() as run, pytest.raises(ValueError, match="broken"), span("watch"):
        raise ValueError("broken")
    with span("after"):
        pass
    assert shape(run.spans) == [("watch", 0, True)]


def test_times_are_seconds_since_the_start() -> None:
    with recording(time.monotonic() - 5) as run, span("late"):
        time.sleep(0.01)
    (late,) = run.spans
    assert 5 <= late.began < 6
    assert 0.01 <= late.seconds < 1


def test_the_threads_of_a_pool_belong_to_the_run_only_if_told() -> None:
    both = threading.Barrier(2, timeout=5)

    def work(name: str) -> None:
        with span(name):
            both.wait()

    with recording() as run, span("images"), ThreadPoolExecutor(2) as pool:
        list(pool.map(in_timeline(work), ["app", "static"]))
        list(pool.map(work, ["lost", "too"]))
    assert sorted(shape(run.spans)) == [("app", 1, False), ("images", 0, False), ("static", 1, False)]
    app, static = (each for each in run.spans if each.depth)
    assert app.began < static.began + static.seconds, "they ran at the same time"
    assert static.began < app.began + app.seconds


def test_two_runs_of_one_process_do_not_mix() -> None:
    def run(name: str) -> list[str]:
        with recording() as own, span(name):
            timeline.mark(name)
        return [*own.marks, *(each.name for each in own.spans)]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, ["dev", "prod"])) == [["dev", "dev"], ["prod", "prod"]]


def test_without_a_timeline_nothing_is_recorded() -> None:
    with span("alone"):
        timeline.mark("alone")
        timeline.add("alone", 0, 1)


def test_the_last_moment_of_a_mark_counts() -> None:
    with recording() as run:
        timeline.mark("new content")
        first = run.marks["new content"]
        time.sleep(0.002)
        timeline.mark("new content")
    assert run.marks["new content"] > first


def test_the_process_began_before_this_test() -> None:
    """A clock tick of the kernel is 10 ms."""
    assert process_start() <= time.monotonic()
    assert abs(process_start() - process_start()) < 0.1
