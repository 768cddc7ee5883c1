"""The table compares only what one run measured both ways."""

from dataclasses import replace

from pipeline.compare.table import Comparison, comparisons, latest_run, table
from pipeline.core.steps import Step
from tests.records.test_build_records import RECORD

COLD = replace(RECORD, scenario="cold")
BLOATED = replace(COLD, image="monolith", steps=(Step("build", 8.0), Step("push", 4.0)), bytes_sent=100)


def test_parts_of_the_split_are_added_up():
    static = replace(COLD, image="static", bytes_sent=8)
    assert [Comparison("cold", 12.0, 4.0, 100, 20)] == comparisons([BLOATED, COLD, static], "r1")


def test_a_scenario_measured_one_way_only_is_no_row():
    assert comparisons([COLD], "r1") == []
    assert comparisons([COLD, replace(BLOATED, run="r2")], "r1") == []


def test_unknown_bytes_stay_unknown():
    static = replace(COLD, image="static", bytes_sent=None)
    (row,) = comparisons([BLOATED, COLD, static], "r1")
    assert row.split_bytes is None
    assert "unknown" in table([row], "a machine")


def test_the_latest_run_is_a_comparison_not_a_release():
    release = replace(RECORD, scenario="", run="release-4")
    assert latest_run([COLD, release]) == "r1"
    assert latest_run([release]) == ""
