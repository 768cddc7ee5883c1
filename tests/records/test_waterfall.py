"""A waterfall shows when each part of a run began and ended, in plain text of one width."""

import json
from dataclasses import replace

import pytest

from pipeline.core.timeline import Span
from pipeline.records.run_record import RunRecord
from pipeline.records.waterfall import WIDTH, lines

RUN = RunRecord(
    started_at="2026-01-31T12:00:00Z",
    why="push to app",
    release=7,
    seconds=10.0,
    new_content=6.0,
    failed=False,
    spans=(
        Span("static", 1.0, 0.5),
        Span("build app", 1.0, 2.0, 1),
        Span("app", 1.0, 2.5),
        Span("compose", 3.5, 0.01),
        Span("apply", 4.0, 2.0),
        Span("bake", 7.0, 3.0),
    ),
)


def test_parts_that_ran_at_the_same_time_stand_above_each_other() -> None:
    assert lines(RUN, width=44) == [
        "   static       1.0  0.5 s  ##",
        "   app          1.0  2.5 s  #####",
        "     build app  1.0  2.0 s  #####",
        "   apply        4.0  2.0 s       #####",
        "   bake         7.0  3.0 s            ######",
        "   new content after 6.0 s, done after 10.0 s (bake 3.0 s)",
    ]


def test_nothing_is_wider_than_the_width_that_git_leaves() -> None:
    text = lines(replace(RUN, seconds=1234.5, spans=(*RUN.spans, Span("x" * 30, 1200.0, 34.5, 3))))
    assert WIDTH - 5 < max(map(len, text)) <= WIDTH


def test_text_is_ascii_without_colour() -> None:
    assert "\n".join(lines(RUN)).isascii()
    assert "\x1b" not in "".join(lines(RUN))


def test_a_failed_run_shows_where_it_failed_and_promises_no_content() -> None:
    failed = replace(RUN, failed=True, spans=(Span("verify", 2.0, 0.001, failed=True),))
    bar, totals = lines(failed)
    assert bar.split() == ["verify", "2.0", "0.0", "s", "x"]
    assert totals.strip() == "failed after 10.0 s"


@pytest.mark.parametrize("seconds", [0.0, 0.001, 1e-9])
def test_a_run_without_time_has_only_totals(seconds: float) -> None:
    assert lines(replace(RUN, seconds=seconds, new_content=None, spans=())) == [
        f"   done after {seconds:.1f} s"
    ]


def test_a_part_that_ends_after_the_run_stays_in_its_columns() -> None:
    late = replace(RUN, spans=(Span("late", 9.99, 50.0), Span("later", 30.0, 1.0)))
    assert max(map(len, lines(late)[:-1])) <= WIDTH


def test_the_record_survives_json() -> None:
    assert RunRecord.parse(json.loads(json.dumps(RUN.to_dict()))) == RUN


def test_times_are_kept_to_the_millisecond() -> None:
    values = replace(RUN, seconds=1.23456789, spans=(Span("a", 0.1234567, 0.7654321),)).to_dict()
    assert (values["seconds"], values["spans"][0]["began"], values["spans"][0]["seconds"]) == (
        1.235,
        0.123,
        0.765,
    )


def test_a_later_version_may_add_fields() -> None:
    values = RUN.to_dict()
    later = {**values, "machine": "x", "spans": [{**each, "cpu": 1} for each in values["spans"]]}
    assert RunRecord.parse(later) == RUN


@pytest.mark.parametrize(
    "change",
    [
        {"seconds": "1"},
        {"seconds": None},
        {"seconds": True},
        {"new_content": "soon"},
        {"release": "7"},
        {"failed": 0},
        {"why": None},
        {"spans": None},
        {"spans": [None]},
        {"spans": [{"name": "a"}]},
        {"spans": [{"name": "a", "began": "0", "seconds": 1, "depth": 0, "failed": False}]},
    ],
)
def test_a_record_of_another_shape_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"no |another type"):
        RunRecord.parse({**RUN.to_dict(), **change})


@pytest.mark.parametrize("values", [None, [], "text", {}, {"release": 1}])
def test_what_is_no_record_is_refused(values: object) -> None:
    with pytest.raises(ValueError, match="no record of a run"):
        RunRecord.parse(values)
