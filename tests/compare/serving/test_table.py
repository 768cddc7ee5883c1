"""The table names every layout, figure and n, and says which differences are none."""

import re
from dataclasses import replace

import pytest

from tests.compare.experiments import MACHINE, PLAN, example, trial

pytestmark = pytest.mark.slow  # importing scipy takes most of a second


@pytest.fixture(scope="module")
def table():
    from pipeline.compare.serving import table  # noqa: PLC0415 - not while tests are collected

    return table


def row(text, case, layout):
    block = next(part for part in text.split("\n\n") if part.startswith(case))
    return next(line for line in block.splitlines() if line.startswith(layout))


def test_every_layout_has_a_row_with_its_differences(table):
    measured = example(factors={("sidecar", "large-asset"): 0.8, ("fused", "random-files"): 1.5})
    text = table.serving_table(PLAN, measured.trials, MACHINE)
    assert re.search(r"^monolith +[\d,]+ /s +\d+\.\d\d ms +\d+\.\d ms +\d+ µs +0 +10$", text, re.MULTILINE)
    small = row(text, "small page", "sidecar")
    assert len(re.findall(r"\(= [+-]\d\.\d %\)", small)) == 4
    slow = row(text, "large asset", "sidecar")
    assert re.search(r"/s \(worse -\d\d\.\d %\)", slow)
    assert re.search(r"µs \(worse \+2\d\.\d %\)", slow)
    assert re.search(r"/s \(better \+\d\d\.\d %\)", row(text, "10,000 small files", "fused"))
    assert "(within ±5 %)" in text
    assert text.endswith(f"on {MACHINE}")


def test_failures_and_cells_without_a_trial_are_shown(table):
    cells = PLAN.cells("150 MB")
    failed = trial(cells[0], error="7 of 100 requests failed", figures={"requests": 93.0, "errors": 7.0})
    text = table.serving_table(PLAN, [failed, trial(cells[1])], MACHINE)
    assert re.search(r"^monolith( +not measured){4} +7 +0$", row(text, "small page", "monolith"))
    assert row(text, "large asset", "monolith").split()[-2:] == ["0", "1"]


def test_no_line_is_wider_than_a_wide_terminal(table):
    text = table.serving_table(PLAN, example(factors={("sidecar", "large-asset"): 9.0}).trials, MACHINE)
    assert max(map(len, text.splitlines())) <= 132


def test_a_trial_is_told_in_one_line(table):
    cell = PLAN.cells("150 MB")[0]
    assert table.trial_text(trial(cell)) == "1,000 /s, p50 16.00 ms, p99 40.0 ms, 3,000 requests"
    assert table.trial_text(trial(cell, error="no answer")) == "failed: no answer"


def test_too_few_trials_are_marked(table):
    text = table.serving_table(replace(PLAN, least=1), example(count=1).trials, MACHINE)
    assert "(? " in row(text, "small page", "sidecar")
