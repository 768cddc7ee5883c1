"""The report's section on serving: bands, every figure with its n, failures; Markdown and JSON too."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from tests.compare import experiments
from tests.compare.report.example import documents, example

pytestmark = pytest.mark.slow  # importing scipy and matplotlib takes more than a second

FACTORS = {("sidecar", "large-asset"): 0.8, ("fused", "random-files"): 5.0}


@pytest.fixture(scope="module")
def report():
    from pipeline.compare import report  # noqa: PLC0415 - not while tests are collected
    from pipeline.compare.report import markdown, page, report_content, sections  # noqa: F401, PLC0415

    return report


@pytest.fixture(scope="module")
def measured():
    experiment = experiments.example(factors=FACTORS)
    cell = experiments.PLAN.cells("150 MB")[0]
    figures = {"requests": 90.0, "errors": 10.0}
    failed = experiments.trial(cell, error="<b>10 of 100 requests failed</b>", figures=figures)
    return replace(experiment, trials=(*experiment.trials, failed))


@pytest.fixture(scope="module")
def content(report, measured):
    return report.report_content.read([*documents(example()), *experiments.documents(measured)])


def test_the_newest_experiment_with_a_result_is_shown(report, measured, content):
    assert content.experiments == {"serving": measured}
    empty = replace(measured.started, run="later")
    with_empty = [*documents(example()), *experiments.documents(measured), empty.document()]
    assert report.report_content.read(with_empty).experiments == {"serving": measured}
    later = replace(measured, started=empty, trials=(replace(measured.trials[0], run="later"),))
    all_documents = [*documents(example()), *experiments.documents(measured), *experiments.documents(later)]
    assert report.report_content.read(all_documents).experiments == {"serving": later}


def test_without_an_experiment_there_is_no_section(report):
    page = report.page.page(example())
    assert "<h2>Serving</h2>" not in page
    assert json.loads(report.markdown.as_json(example()))["experiments"] == {}


def test_the_page_has_a_chart_for_each_figure_and_escapes_foreign_text(report, content):
    page = report.page.page(content)
    section = page[page.index("<h2>Serving</h2>") : page.index("<h2>Where the split loses</h2>")]
    charts = re.findall(r"<svg.*?</svg>", section, re.DOTALL)
    assert len(charts) == 4
    for chart in charts:
        tree = ET.fromstring(chart)  # noqa: S314 - made by this test's own process
        assert tree.get("role") == "img"
        assert "n = 10 + 10" in "".join(tree.itertext())
    assert "<b>10 of 100" not in section
    assert "&lt;b&gt;10 of 100 requests failed" in section
    assert "10 of 30,0" in section, "failed requests of all requests"


def test_ids_of_charts_are_unique_on_the_page(report, content):
    ids = re.findall(r'\bid="([^"]+)"', report.page.page(content))
    assert len(ids) == len(set(ids))


def test_sentences_name_what_is_worse_and_better(report, content):
    (section,) = report.sections.sections(content)
    rate = next(each for each in section.sentences if each.startswith("Requests per second"))
    assert "no difference shown (within ±5 %) in 4 of 6 comparisons" in rate
    assert re.search(r"large asset, 4 MB, sidecar -\d+\.\d % \(worse, n = 10 \+ 10\)", rate)
    assert re.search(r"10,000 small files at random, fused \+\d+\.\d % \(better, n = 10 \+ 10\)", rate)
    cpu = next(each for each in section.sentences if each.startswith("CPU"))
    assert re.search(r"large asset, 4 MB, sidecar \+\d+", cpu)


def test_a_sentence_counts_what_cannot_be_told_and_does_not_list_it(report):
    few = experiments.example(count=1)
    (section,) = report.sections.sections(
        report.report_content.read([*documents(example()), *experiments.documents(few)])
    )
    rate = next(each for each in section.sentences if each.startswith("Requests per second"))
    assert rate == (
        "Requests per second: no difference shown in 0 of 6 comparisons with the bloated image,"
        " too few runs to tell in 6."
    )


def test_a_value_outside_of_the_chart_is_written_at_its_edge(report, content):
    (section,) = report.sections.sections(content)
    chart = section.charts[0]
    svg = chart.svg.replace(chart.text, "")
    assert re.search(r"fused \+(39|40|41)\d %", svg)


def test_every_layout_and_workload_has_a_row_with_n(report, content):
    (section,) = report.sections.sections(content)
    (table,) = section.tables
    assert len(table.rows) == 9
    assert {len(row) for row in table.rows} == {len(table.head)}
    assert {row[table.head.index("n")] for row in table.rows} == {"10"}
    assert table.rows[0][2].endswith("/s")
    assert table.rows[0][3].endswith(" ms")
    assert table.rows[0][5] == "200 µs" or re.fullmatch(r"\d{3} µs", table.rows[0][5])


def test_markdown_and_json_have_the_section_too(report, content):
    text = report.markdown.markdown(content)
    assert "### Serving" in text
    assert "| small page, 4 kB | sidecar |" in text
    assert "<b>" not in text
    serving = json.loads(report.markdown.as_json(content))["experiments"]["serving"]
    assert serving["run"] == experiments.RUN
    assert len(serving["trials"]) == 91
    assert {each["verdict"] for each in serving["results"]} == {
        "",
        "better",
        "worse",
        "no difference shown (within ±5 %)",
    }


def test_the_commands_repeat_the_experiment(report, content):
    (section,) = report.sections.sections(content)
    command = section.commands[1]
    assert command.startswith('tandem compare serving --size "150 MB" --layout monolith --layout sidecar')
    assert command.endswith("--runs 8 --minutes 10 --seed 7 --connections 16 --seconds 3")
