"""The table compares only what one run measured both ways."""

from dataclasses import replace

from pipeline.compare.scenarios import CHANGED, OF_UP, Scenario
from pipeline.compare.table import ScenarioComparison, comparisons, latest, measured, table
from pipeline.core.steps import Step
from tests.records.example_record import RECORD

COLD = replace(RECORD, scenario="cold")
BLOATED = replace(COLD, image="monolith", steps=(Step("build", 8.0), Step("push", 4.0)), bytes_sent=100)


def test_parts_of_the_split_are_added_up():
    static = replace(COLD, image="static", bytes_sent=8)
    assert [ScenarioComparison("cold", 12.0, 4.0, 100, 20)] == comparisons([BLOATED, COLD, static], "r1")


def test_a_scenario_measured_one_way_only_is_no_row():
    assert comparisons([COLD], "r1") == []
    assert comparisons([COLD, replace(BLOATED, run="r2")], "r1") == []


def test_a_failed_build_is_no_row():
    failed = replace(BLOATED, outcome="the disk is full", digest="")
    assert comparisons([failed, COLD], "r1") == []


def test_unknown_bytes_stay_unknown():
    static = replace(COLD, image="static", bytes_sent=None)
    (row,) = comparisons([BLOATED, COLD, static], "r1")
    assert row.split_bytes is None
    assert "unknown" in table([row], measured([BLOATED], "r1"))


def records_of(run, at="2026-01-02T03:04:05+00:00", **same):
    """The records of a whole comparison; `same` names the scenario in which an image did not change."""
    records = []
    for scenario in OF_UP:
        for image in ("monolith", *CHANGED[scenario]):
            last = next((each.digest for each in reversed(records) if each.image == image), "")
            digest = last if same.get(str(image)) == scenario else f"{image} {scenario}"
            commits = {"app": "1" * 40, "static": "2" * 40} if image == "monolith" else {}
            changed = {"digest": digest, "commits": commits, "started_at": at, "run": run}
            records.append(replace(BLOATED, image=str(image), scenario=scenario, **changed))
    return records


def test_the_latest_is_a_whole_comparison_not_a_release_and_not_a_part():
    release = replace(RECORD, scenario="", run="release-4")
    all_records, part = records_of("r1"), records_of("r2")[:-1]
    assert latest([*all_records, *part, release]).run == "r1"
    assert latest([*all_records, *records_of("r3"), *part]).run == "r3"
    assert latest([*part, release]) is None


def test_a_build_that_changed_no_image_measured_nothing():
    records = records_of("r1", app=Scenario.APP_ONLY)
    assert [row.scenario for row in comparisons(records, "r1")] == ["cold", "static-one-file"]
    assert latest(records) is None


def test_the_table_says_when_and_of_what_it_was_measured():
    text = table(comparisons(records_of("r1"), "r1"), latest(records_of("r1")))
    assert "measured 2026-01-02 03:04 UTC with app 1111111111, static 2222222222 (0.00 MB)" in text
