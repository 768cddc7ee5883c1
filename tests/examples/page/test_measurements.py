"""The page shows what a change costs bloated and split, and builds over time."""

from dataclasses import replace

import pytest

from pipeline.compare import presets
from pipeline.compare.builds import StartedComparison
from pipeline.compare.measurement import Cell, Measurement, Variant
from pipeline.compare.scenarios import Scenario
from pipeline.core.steps import Step
from pipeline.records.build_records import Records
from tests.examples.page.site import SIZES
from tests.records.example_record import RECORD
from tests.support.browser import page_of
from tests.support.waiting import until

pytestmark = pytest.mark.browser


@pytest.mark.usefixtures("released", "measured")
def test_it_shows_what_a_change_costs_both_ways(browser, site):
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("8.0 times as fast").wait_for()
        rows = page.locator("#comparison .times tbody tr")
        assert [" ".join(text.split()[:-1]) for text in rows.all_inner_texts()] == [
            "A change of the app bloated 12.0 s split 1.50 s ·",
            "One file of the content bloated 15.0 s split 0.25 s ·",
        ]
        lengths = [float(bar.get_attribute("width")) for bar in rows.locator("rect").all()]
        assert lengths == pytest.approx([80, 10, 100, 100 / 60])
        assert bytes_of(page) == [
            ["A change of the app", "379 B", "12 MB", "1.5 MB"],
            ["One file of the content", "1.8 kB", "15 MB", "250 kB"],
        ]
        assert page.problems == []


def bytes_of(page):
    """The rows of the table of bytes."""
    rows = page.locator("#comparison .numbers tbody tr").all_inner_texts()
    return [row.split("\t") for row in rows]


@pytest.mark.usefixtures("released")
def test_bytes_that_nobody_recorded_are_named_with_the_command_that_records_them(browser, site, tmp_path):
    records = Records(tmp_path / "records.sqlite")
    for second, (image, scenario) in enumerate([("monolith", "cold"), ("app", "cold"), ("monolith", "both")]):
        at = f"2026-01-02T00:00:{second:02d}+00:00"
        record = replace(RECORD, started_at=at, image=image, scenario=scenario, digest=f"sha256:{second}")
        records.add(replace(record, bytes_sent=None if scenario == "both" else 12_000_000))
    with page_of(browser) as page:
        page.goto(site)
        page.locator("#comparison .numbers").wait_for()
        assert bytes_of(page) == [
            ["Everything, without a cache", "everything", "12 MB", "12 MB"],
            ["App and content", "not recorded", "not recorded", "not measured"],
        ]
        words = "An earlier version measured this and did not record everything: tandem compare measures"
        assert page.get_by_text(words).is_visible()


@pytest.mark.usefixtures("released", "measured")
def test_a_variant_that_failed_is_not_called_unrecorded(browser, site, measured):
    measured.add(StartedComparison("r2", "2026-01-03T00:00:00+00:00", presets.quick(1), "this"))
    for minute, variant in enumerate((Variant.MONOLITH, Variant.SPLIT_LAYERS), 1):
        cell, at = Cell("300 MB", variant, Scenario.BOTH), f"2026-01-03T00:0{minute}:00+00:00"
        measured.add(Measurement("r2", at, cell, "this", 0.0, 1.0, error="no space left"))
    with page_of(browser) as page:
        page.goto(site)
        page.locator("#comparison .numbers").wait_for()
        assert bytes_of(page) == [["App and content", "failed", "failed", "failed"]]
        assert page.get_by_text("An earlier version").count() == 0


@pytest.mark.usefixtures("released", "measured")
def test_another_comparison_is_chosen_by_keyboard(browser, site, measured):
    measured.add(StartedComparison("r2", "2026-01-03T00:00:00+00:00", presets.quick(1), "this"))
    cell = Cell("300 MB", Variant.MONOLITH, Scenario.BOTH)
    measured.add(Measurement("r2", "2026-01-03T00:01:00+00:00", cell, "this", 40.0, 40.0))
    with page_of(browser) as page:
        page.goto(site)
        page.locator("#comparison").get_by_text("App and content").first.wait_for()
        page.get_by_label("Comparison").press("ArrowDown")
        page.get_by_text("8.0 times as fast").wait_for()
        assert page.problems == []


@pytest.mark.usefixtures("released", "measured")
def test_the_chart_has_its_numbers_as_a_table_too(browser, site):
    with page_of(browser) as page:
        page.goto(site)
        chart = page.get_by_role("img", name="app: median 1.75 s of 2 builds.")
        chart.wait_for()
        page.locator("#builds summary").press("Enter")
        table = page.locator("#builds .numbers")
        table.wait_for()
        texts = [row.split("\t")[1:] for row in table.locator("tbody tr").all_inner_texts()]
        assert texts == [
            ["api", "12.0 s", "12 MB"],
            ["app", "1.50 s", "1.5 MB"],
            ["static", "0.30 s", "300 kB"],
            ["app", "2.00 s", "2.0 MB"],
        ]
        assert "12.0 s the bloated image, for a change of the app" in page.locator("#builds").inner_text()
        page.set_viewport_size(SIZES["phone"])
        until(lambda: page.locator("#builds canvas").bounding_box()["width"] < SIZES["phone"]["width"])


@pytest.mark.usefixtures("released")
def test_the_chart_compares_a_build_with_the_comparison_before_it(browser, site, measured):
    measured.add(StartedComparison("r2", "2026-01-03T00:00:00+00:00", presets.quick(1), "this"))
    cell = Cell("300 MB", Variant.MONOLITH, Scenario.APP_ONLY)
    measured.add(Measurement("r2", "2026-01-03T00:01:00+00:00", cell, "this", 40.0, 40.0))
    later = {"started_at": "2026-01-04T00:00:00+00:00", "scenario": "", "run": "", "steps": (Step("b", 3.0),)}
    measured.add(replace(RECORD, **later))
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("40.0 s the bloated image").wait_for()
        plot, legend = page.locator("#builds .u-over"), page.locator("#builds .u-legend")
        width = plot.bounding_box()["width"]
        plot.hover(position={"x": 5, "y": 20})
        until(lambda: "12.0 s" in legend.inner_text())
        plot.hover(position={"x": width - 5, "y": 20})
        until(lambda: "40.0 s" in legend.inner_text() and "3.00 s" in legend.inner_text())


@pytest.mark.usefixtures("released")
def test_parts_without_records_say_so_and_the_others_go_on(browser, site, tmp_path):
    (tmp_path / "records.sqlite").write_text("no database")
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("Up to date").wait_for()
        assert page.locator("#releases > li").count() == 3
        assert "cannot be read now" in page.locator("#builds").inner_text()
        assert "cannot be read now" in page.locator("#comparison").inner_text()
