"""The benchmark of pushes keeps its time, and prints a table that can be copied."""

from pipeline.core.timeline import Span
from pipeline.records.run_record import RunRecord
from tests.bench.push import Budget, Case, Push, summary


def pushed(megabytes, source, first_new, *, bake=3.0):
    run = RunRecord("2026-11-27T06:00:00+00:00", "", 1, 20, 9, failed=False, spans=(Span("bake", 9, bake),))
    return Push(Case("fused", megabytes), source, first_new, first_new + 1, first_new + bake + 5, run)


def test_sizes_share_the_time_and_what_one_does_not_use_is_the_next_ones():
    assert Budget.share(1500, 2, now=0) == Budget(750)
    assert Budget.share(1500, 1, now=400) == Budget(1500)
    assert Budget.share(1500, 1, now=1600) == Budget(1600)


def test_a_round_begins_if_it_would_end_in_time_and_the_first_always():
    budget = Budget(100)
    assert budget.allows(1, last=30, now=70)
    assert not budget.allows(1, last=31, now=70)
    assert budget.allows(0, last=500, now=170)


def test_the_table_has_the_medians_of_each_size_and_source():
    measured = [pushed(150, "app", first) for first in (6.0, 9.0, 7.0)] + [pushed(2250, "static", 8.0)]
    lines = summary(measured)
    assert lines[3:5] == [
        "| fused | 150 MB | app | 3 | 7.0 s | 8.0 s | 12.0 s | 3.0 s |",
        "| fused | 2250 MB | static | 1 | 8.0 s | 9.0 s | 13.0 s | 3.0 s |",
    ]
    assert {line.count("|") for line in lines[2].splitlines() + lines[3:5]} == {9}
    assert lines[6] == "fused, 150 MB, app:"
