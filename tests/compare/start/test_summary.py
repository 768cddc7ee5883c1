"""The table of `compare start` says what was measured with n, what is modelled, and where the split loses."""

import json
import re
from dataclasses import replace

import pytest

from pipeline.compare.start.figures import PHASES
from tests.compare.start.example import PLAN, example

pytestmark = pytest.mark.slow  # importing scipy takes more than half a second


@pytest.fixture(scope="module")
def measured():
    return example()


@pytest.fixture(scope="module")
def text(measured):
    from pipeline.compare.start.table import start_table  # noqa: PLC0415 - not while tests are collected

    return start_table(measured)


@pytest.fixture(scope="module")
def cell_summaries(measured):
    from pipeline.compare.start.summary import summaries  # noqa: PLC0415

    return summaries(measured)


def row(text, size, name):
    block = text[text.index(f"{size}  ") :]
    return next(line for line in block.splitlines() if line.startswith(name)).removeprefix(name).split()


def test_each_layout_has_a_row_with_its_phases_and_n(text):
    head = next(line for line in text.splitlines() if line.startswith("1 GB  ")).split()
    assert head[2:] == ["serves", *(phase.key for phase in PHASES), "1-4", "n"]
    monolith, sidecar = row(text, "1 GB", "bloated image"), row(text, "1 GB", "split, sidecar")
    assert len(monolith) == len(sidecar) == 10
    assert float(sidecar[5]) == pytest.approx(6.0, rel=0.05)
    assert float(monolith[5]) == pytest.approx(0.01, abs=0.01)
    assert sidecar[-1] == "8"
    assert row(text, "80 MB", "bloated image")[-2:] == ["8", "!1"], (
        "a failed start is shown and counts nowhere"
    )


def test_verdicts_have_the_margin_the_interval_and_n(text):
    equal = next(line for line in text.splitlines() if line.startswith("1 GB, split, fused, from wanted"))
    assert "n = 8 + 8: no difference shown (within ±10 %)" in equal
    worse = next(line for line in text.splitlines() if line.startswith("1 GB, split, sidecar, from wanted"))
    assert "n = 8 + 8: worse" in worse
    assert "1 GB, split, sidecar, from 1 to 4 tasks:" in text
    assert "failed requests during the scale-outs: 0 of 3,840" in text


def test_it_says_where_the_split_loses_and_what_is_modelled(text):
    loss_section = text[text.index("where the split loses") :]
    assert re.search(
        r"  1 GB of content, split, sidecar: from wanted to serving 24\.\d\d s against 18\.\d\d s;"
        r" from 1 to 4 tasks 13\.\d\d s against 1\.\d\d s; longer phases: copy \+(5\.9|6\.0)\d s;"
        r" every task copies the content before nginx starts, (5\.9|6\.0)\d s, and of three",
        loss_section,
    )
    assert "80 MB of content, split, sidecar: from 1 to 4 tasks 1.9" in loss_section, (
        "equal starts are no loss"
    )
    assert "of content, split, fused" not in loss_section, "it loses nothing"
    assert "modelled, not measured: a cold pull on Fargate" in text
    assert "containers-roadmap/issues/696" in text
    assert "1 GB, split, sidecar: 930.0 MB, 71.5 s" in text


def test_a_layout_that_pulls_and_unpacks_more_loses_there(measured):
    from pipeline.compare.start.table import start_table  # noqa: PLC0415

    def slower(trial):
        if trial.cell.variant != "fused" or not trial.counts:
            return trial
        more = {"unpack": trial.figures["unpack"] + 9, "serves": trial.value + 9, "pulled": 1.1e9}
        return replace(trial, value=trial.value + 9, figures={**trial.figures, **more})

    text = start_table(replace(measured, trials=tuple(map(slower, measured.trials))))
    line = next(line for line in text.splitlines() if line.startswith("  1 GB of content, split, fused"))
    assert re.search(r"from wanted to serving 27\.\d\d s against 18\.\d\d s; longer phases: unpack \+", line)
    assert line.endswith("1100.0 MB pulled against 930.0 MB.")
    few = tuple(each for each in map(slower, measured.trials) if each.counts)[:12]
    assert "(too few runs to tell)" in start_table(replace(measured, trials=few))


def test_the_phases_are_those_of_one_real_start(measured, cell_summaries):
    for summary in cell_summaries:
        starts = [
            each.figures["serves"] for each in measured.trials if each.cell == summary.cell if each.counts
        ]
        assert min(abs(summary.seconds - start) for start in starts) < 1e-9
        assert sorted(starts).index(min(starts, key=lambda start: abs(summary.seconds - start))) == 3


def test_the_estimate_is_named_one_in_json_with_its_source(cell_summaries):
    from pipeline.compare.start.summary import estimates_json  # noqa: PLC0415

    values = json.loads(json.dumps(estimates_json(cell_summaries)))
    assert values["modelled"] is True
    assert "github.com/aws/containers-roadmap/issues/696" in values["basis"]
    last = values["pulls"][-1]
    assert last["seconds"] == pytest.approx(last["bytes"] / values["bytes_a_second"])
    assert (last["size"], last["variant"]) == ("1 GB", "fused")


def test_what_was_not_measured_has_a_row_without_figures(measured):
    from pipeline.compare.start.table import start_table  # noqa: PLC0415

    cell = PLAN.cells("1 GB")[2]
    rest = tuple(each for each in measured.trials if each.cell != cell)
    text = start_table(replace(measured, trials=rest))
    assert row(text, "1 GB", "split, fused") == ["-"] * 9 + ["0"]
    nothing = start_table(replace(measured, trials=()))
    assert "modelled" not in nothing
    assert "failed requests" not in nothing
    assert MACHINE_LINE in nothing


MACHINE_LINE = "on CPU, 2 cores, 8 GiB, Linux 6.1"
