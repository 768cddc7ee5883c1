"""The report's section on starts: stacked phases, verdicts with n, a labelled estimate; Markdown and JSON."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from tests.compare.report.example import documents, example
from tests.compare.start import example as starts

pytestmark = pytest.mark.slow  # importing scipy and matplotlib takes more than a second


@pytest.fixture(scope="module")
def report():
    from pipeline.compare import report  # noqa: PLC0415 - not while tests are collected
    from pipeline.compare.report import findings, markdown, page, report_content, sections  # noqa: F401, PLC0415

    return report


@pytest.fixture(scope="module")
def content(report):
    return report.report_content.read([*documents(example()), *starts.documents(starts.example())])


@pytest.fixture(scope="module")
def section(report, content):
    (start_section,) = report.sections.sections(content)
    return start_section


def test_each_size_has_stacked_bars_that_are_described_in_words(section):
    stacked = [chart for chart in section.charts if chart.title.startswith("From wanted to serving")]
    assert [chart.title for chart in stacked] == [
        "From wanted to serving, 80 MB of content",
        "From wanted to serving, 1 GB of content",
    ]
    for chart in stacked:
        tree = ET.fromstring(chart.svg)  # noqa: S314 - made by this test's own process
        assert tree.get("role") == "img"
        for name in ("bloated image", "split, sidecar", "split, fused"):
            assert re.search(rf"{name}: \d+\.\d+ s, of which schedule .* pull .* copy .* healthy", chart.text)
    assert re.search(r"sidecar: \d+\.\d s, of which.*copy (5\.9|6\.0)\d s", stacked[1].text)


def test_phases_differ_without_colour(section):
    from pipeline.compare.report.start_chart import _LOOKS  # noqa: PLC0415

    assert len(re.findall(r'<pattern id="[^"]*"', section.charts[0].svg)) >= 5, "hatching"
    for (first, one), (second, other) in pairwise(_LOOKS):
        assert one != other
        assert abs(grey(first) - grey(second)) > 40


def grey(colour):
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.3 * red + 0.59 * green + 0.11 * blue


def test_equivalence_is_drawn_and_said_with_n(section):
    assert "Start: from wanted to serving" in [chart.title for chart in section.charts]
    sentence = next(each for each in section.sentences if each.startswith("From wanted to serving"))
    assert "no difference shown (within ±10 %) in 3 of 4 comparisons" in sentence
    assert re.search(r"1 GB of content, sidecar \+\d+\.\d % \(worse, n = 8 \+ 8\)", sentence)
    scaled = next(each for each in section.sentences if each.startswith("From 1 to 4 tasks"))
    assert "80 MB of content, sidecar" in scaled


def test_it_says_where_the_split_loses_and_what_is_modelled(section):
    text = " ".join(section.sentences)
    assert "Where the split loses: 80 MB of content, split, sidecar: from 1 to 4 tasks" in text
    assert "every task copies the content before nginx starts" in text
    assert "Modelled, not measured: what a cold pull adds on Fargate: compressed bytes at 13 MB/s" in text
    table = section.tables[-1]
    assert table.title.startswith("Modelled, not measured")
    assert ("1 GB", "split, sidecar", "930.0 MB", "71.5 s") in table.rows


def test_every_layout_and_size_has_a_row_of_its_phases(section):
    for table in section.tables:
        assert {len(row) for row in table.rows} == {len(table.head)}
    rows = {row[0]: dict(zip(section.tables[1].head, row, strict=True)) for row in section.tables[1].rows}
    assert rows["split, sidecar"]["copy"].startswith(("5.9", "6.0"))
    assert rows["bloated image"]["copy"] == "0.01 s"
    assert rows["split, fused"]["n"] == "8"
    assert rows["split, fused"]["failed requests"] == "0 of 640"


def test_the_page_escapes_failures_and_gives_charts_their_own_ids(report, content):
    page = report.page.page(content)
    assert "<h2>Start</h2>" in page
    assert "<b>a task ended" not in page
    assert "&lt;b&gt;a task ended" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_with_measured_starts_the_report_does_not_say_that_it_has_none(report, content):
    assert not [each for each in report.findings.losses(content) if "not starts" in each]
    assert [each for each in report.findings.losses(example()) if "not starts" in each]


def test_markdown_and_json_have_the_section_too(report, content):
    text = report.markdown.markdown(content)
    assert "### Start" in text
    assert "| split, sidecar | 8 |" in text
    start = json.loads(report.markdown.as_json(content))["experiments"]["start"]
    assert start["run"] == starts.RUN
    assert len(start["trials"]) == 50
    assert start["fargate_pull"]["modelled"] is True
    assert len(start["fargate_pull"]["pulls"]) == 6


def test_the_commands_repeat_the_comparison(section):
    assert section.commands[1] == (
        'tandem compare start --size "80 MB" --size "1 GB" --layout monolith --layout sidecar --layout fused'
        " --runs 6 --minutes 45 --margin 10 --seed 7"
    )


def test_a_layout_without_a_start_is_not_drawn(report):
    measured = starts.example()
    rest = tuple(
        each for each in measured.trials if each.cell.size == "80 MB" and each.cell.variant != "fused"
    )
    without_fused = [*documents(example()), *starts.documents(replace(measured, trials=rest))]
    (section,) = report.sections.sections(report.report_content.read(without_fused))
    assert "split, fused" not in section.charts[0].text
    assert not [chart for chart in section.charts if "1 GB" in chart.title]
    assert section.tables[0].rows[2][:3] == ("split, fused", "0", "not measured")
