"""The report says what was measured, with n and intervals."""

import json
import re
from dataclasses import replace

import pytest

from pipeline.compare.measurement import Variant
from pipeline.compare.scenarios import OF_UP, Scenario
from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.core.steps import Step
from pipeline.records.build_record import BuildRecord
from pipeline.records.build_records import Records
from pipeline.records.document import Document
from tests.compare.report.example import CELL, MACHINE, PLAN, RUN, documents, example

pytestmark = pytest.mark.slow  # importing scipy and matplotlib takes more than a second


def test_the_newest_comparison_with_a_result_is_read(report, example_content):
    later = replace(example_content.started, run="later", started_at="2026-02-01T00:00:00+00:00")
    assert report.report_content.read([*documents(example_content), later.document()]) == example_content
    assert report.report_content.read(documents(example_content), RUN[:4]) == example_content


def test_without_a_comparison_the_hint_makes_one(report, example_content):
    with pytest.raises(TandemError, match="no comparison of builds yet") as caught:
        report.report_content.read([])
    assert caught.value.hint == "tandem compare builds --quick"
    with pytest.raises(TandemError, match="nothing was measured in a comparison whose id begins with 'x'"):
        report.report_content.read(documents(example_content), "x")


def test_the_builds_of_up_are_a_report_too(report):
    records = []
    for scenario in OF_UP:
        for image, seconds in (("monolith", 10.0), ("app", 0.5), ("static", 0.25)):
            records.append(
                BuildRecord(
                    f"2026-01-02T03:04:0{len(records)}+00:00",
                    image,
                    scenario,
                    "up1",
                    {"app": "1" * 40},
                    "sha256:1",
                    "warm",
                    7,
                    (Step("build", seconds),),
                    MACHINE,
                )
            )
    content = report.report_content.read([record.document() for record in records])
    split = content.find("own", Variant.SPLIT_LAYERS, Scenario.APP_ONLY)
    assert split.summary.median == pytest.approx(0.75)
    assert split.bytes_sent == 14
    assert report.findings.headline(content) == "One content file: 0.75 s instead of 10.0 s, 13.3x as fast"
    assert report.findings.commands(content) == ["make up", "tandem compare"]
    assert "n = 1 + 1: too few for an interval" in report.page.page(content)
    assert "The fewest builds behind a median are 1." in report.page.page(content)


def test_the_headline_is_the_change_of_every_day_on_the_largest_content(report, example_content):
    assert re.fullmatch(
        r"750 MB of content, one content file: 0\.1\d s instead of \d\d\.\d s, 3\d\dx as fast",
        report.findings.headline(example_content),
    )
    without = replace(PLAN, scenarios=(Scenario.COLD,))
    assert report.findings.headline(example(without)) == "Build times of 150 MB of content, 750 MB of content"


def test_a_size_with_too_few_builds_is_not_the_headline(report, example_content):
    """A comparison whose budget ended has one build of its largest size."""
    cells, measurements = set(), []
    for each in example_content.measurements:
        if each.cell.size == "150 MB" or each.cell not in cells:
            measurements.append(each)
        cells.add(each.cell)
    content = replace(example_content, measurements=tuple(measurements))
    assert report.findings.headline(content).startswith("150 MB of content, one content file: 0.1")
    assert "as fast as the bloated image, 150 MB of content" in report.page.page(content)
    only_one = tuple(each for each in measurements if each.cell.size == "750 MB")
    assert report.findings.headline(replace(example_content, measurements=only_one)).startswith(
        "One content file"
    )


def test_other_work_on_the_machine_is_a_caution(report, example_content):
    busy = tuple(replace(each, load=4.5) for each in example_content.measurements)
    text = "the load was up to 4 on 2 cores"
    assert text in report.page.page(replace(example_content, measurements=busy))
    assert "Other work" not in report.page.page(example_content)
    alone = tuple(replace(each, load=4.0) for each in example_content.measurements)
    assert "Other work" not in report.markdown.markdown(replace(example_content, measurements=alone))


def test_content_of_one_size_is_named_once(report, example_content):
    """Each edit changes the size of the content by some bytes."""
    edited = tuple(
        replace(each, content_bytes=each.content_bytes + number)
        for number, each in enumerate(example_content.measurements)
    )
    facts = dict(report.page.facts(replace(example_content, measurements=edited)))
    assert facts["content"] == "150.0 MB, 750.0 MB"


def test_the_last_commits_are_in_the_page_once_they_were_read(report, example_content, html):
    body = {"commits": 200, "app": 120, "static": 70, "both": 10, "neither": 0}
    body |= {"bloated_seconds": 18_720, "split_seconds": 540, "basis": "c1", "content_bytes": 1}
    history = Document("history", "2026-01-03", "", body)
    content = report.report_content.read([*documents(example_content), history, replace(history, body={})])
    text = "commits would have waited 5 h 12 min for the bloated image, and 9 min 0 s for the split."
    assert text in report.page.page(content)
    assert text in report.markdown.markdown(content)
    assert "What it means for your team" not in html


def test_losses_are_found_and_equal_times_are_none(report, example_content):
    losses = report.findings.losses(example_content)
    assert any(
        re.match(r"split, Dockerfile, first build, 150 MB of content: 10\.\d s against 9\.\d+ s", loss)
        for loss in losses
    )
    assert any("127.2 MB sent against 120.0 MB" in loss for loss in losses)
    assert not any("no change" in loss for loss in losses)
    assert any("Fargate caches no layers" in loss for loss in losses)


def test_the_article_stands_beside_what_was_measured(report, example_content):
    rows = report.findings.article_rows(example_content)
    assert [(row.size, row.article) for row in rows] == [("150 MB", 8.73), ("750 MB", 44.66)]
    assert all(row.bloated.summary.n == 7 for row in rows)


def test_scenarios_keep_their_order_where_one_variant_lacks_them(report, example_content):
    measurements = tuple(
        each
        for each in example_content.measurements
        if not (each.cell.variant is Variant.MONOLITH and each.cell.scenario is Scenario.APP_ONLY)
    )
    content = replace(example_content, measurements=measurements)
    assert content.scenarios("150 MB") == list(PLAN.scenarios)
    text = report.page.page(content)
    assert "one content file: 0.13\u00a0s instead of" in text


def test_the_commands_repeat_the_plan(report, example_content):
    (_, command, _) = report.findings.commands(example_content)
    assert command.startswith('tandem compare builds --size "150 MB" --size "750 MB" --variant monolith')
    assert "--seed 7" in command


def test_markdown_is_a_comment_with_a_table_for_each_size(report, example_content):
    text = report.markdown.markdown(example_content)
    assert text.startswith("### 750 MB of content, one content file")
    assert text.count("| change | variant |") == 2
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert [row.count(" | ") for row in rows[:4]] == [4] * 4, "the article's sizes"
    assert {row.count(" | ") for row in rows[4:]} == {8}
    assert "**Where the split loses**" in text
    assert "p | sent" in text
    assert "&lt;0.001" in report.markdown._plain("<0.001")


def test_json_has_every_measurement(report, example_content):
    values = json.loads(report.markdown.as_json(example_content))
    assert len(values["measurements"]) == len(example_content.measurements)
    cells = {(each["size"], each["variant"], each["scenario"]): each for each in values["results"]}
    cell = cells[CELL.size, str(CELL.variant), str(CELL.scenario)]
    assert cell["summary"]["n"] == 7
    assert cell["verdict"] == "faster"
    assert cell["difference"]["low"] < cell["difference"]["ratio"] < cell["difference"]["high"]


def test_two_machines_are_named(report, example_content):
    mixed = replace(
        example_content,
        measurements=(
            *example_content.measurements,
            replace(example_content.measurements[0], machine="there"),
        ),
    )
    assert any("Measured on 2 machines" in caution for caution in report.cautions.cautions(mixed))


def test_up_ends_with_the_path_of_the_page_or_with_a_reason(example_content, tmp_path, capsys):
    from pipeline.compare.report.of_up import write_report  # noqa: PLC0415 - not while tests are collected

    project = Project(tmp_path, load(ROOT).settings)
    records = Records(tmp_path / "records.sqlite")
    assert write_report(project, records) is None
    assert "no report is written: there is no comparison of builds yet" in capsys.readouterr().err
    for document in documents(example_content):
        records.add(document)
    path = write_report(project, records)
    assert path == tmp_path / ".tandem" / "report.html"
    assert "one content file" in path.read_text()
