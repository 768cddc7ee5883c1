"""The page of a report has every part, and loads nothing."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from tests.compare.report.example import MACHINE

pytestmark = pytest.mark.slow  # importing scipy and matplotlib takes more than a second


def test_the_page_has_every_part(html):
    for text in (
        "750 MB of content, one content file: ",
        "The article's sizes",
        "Every build, 150 MB of content",
        "One build, step by step: one content file, 750 MB of content",
        "Bytes sent to the registry, 750 MB of content",
        "Where the split loses",
        "Alternatives",
        "for 750 MB in 12,000 files",
        "S3, synced at start",
        "Failed builds",
        MACHINE,
        "docker 20.10.24, git 2.39.5",
        "--seed 7",
    ):
        assert text in html, text


def test_the_alternatives_are_those_of_the_content_that_was_measured(report, example_content, html):
    small = [each for each in example_content.measurements if each.cell.size == "150 MB"]
    assert "for 150 MB in 2,400 files" in report.page.page(
        replace(example_content, measurements=tuple(small))
    )
    source_numbers = re.findall(r'<li value="(\d+)">', html)
    cited_numbers = {
        number for group in re.findall(r"ed \[([\d, ]+)\]", html) for number in group.split(", ")
    }
    assert set(source_numbers) == cited_numbers
    unknown = tuple(replace(each, content_bytes=0) for each in example_content.measurements)
    assert "<h2>Alternatives</h2>" not in report.page.page(replace(example_content, measurements=unknown))


def test_the_page_loads_nothing_and_runs_nothing(html):
    assert not re.search(r"<(script|link|img|iframe|object)\b|@import|url\((?!#)", html)
    # A link loads nothing until somebody follows it.
    addresses = set(re.findall(r"https?://[^\"'< ]+", re.sub(r'<a href="https://[^"]+">', "", html)))
    namespaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert {each for each in addresses if each not in namespaces} <= _metadata(addresses)


def _metadata(addresses):
    """Names of vocabularies in the charts' metadata, which no browser opens."""
    return {
        each for each in addresses if re.match(r"http://(purl\.org|creativecommons\.org|www\.w3\.org)/", each)
    }


def test_what_was_measured_is_text_and_no_markup(html):
    assert "<b>the disk is full</b>" not in html
    assert "&lt;b&gt;the disk is full&lt;/b&gt;" in html


def test_each_chart_has_a_title_a_text_and_its_points(example_content, html):
    charts = re.findall(r"<svg .*?</svg>", html, re.DOTALL)
    assert len(charts) == 6
    names = []
    for chart in charts:
        root = ET.fromstring(chart)  # noqa: S314 - our own
        assert root.attrib["role"] == "img"
        title, text = root[0], root[1]
        assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {text.attrib['id']}"
        assert len(text.text) > 50
        names.append(title.attrib["id"])
        assert "width" not in root.attrib
    assert len(set(names)) == 6, "no two charts share an id"
    from pipeline.compare.report.charts import runs_chart  # noqa: PLC0415 - not while tests are collected

    marks = runs_chart(example_content, "150 MB").svg.count("<use ")
    assert marks >= 7 * 24, "every build is a mark"


def test_ids_are_unique_on_the_page(html):
    ids = re.findall(r'\bid="([^"]+)"', html)
    double = {each for each in ids if ids.count(each) > 1}
    assert double == set()


def test_equal_input_gives_an_equal_page(report, example_content, html):
    assert report.page.page(example_content) == html


def test_variants_differ_without_colour():
    from pipeline.compare.report.drawing import STYLE  # noqa: PLC0415 - not while tests are collected

    def lightness(colour):
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    greys = sorted(lightness(colour) for colour, _ in STYLE.values())
    assert all(second - first > 25 for first, second in pairwise(greys))
    assert len({marker for _, marker in STYLE.values()}) == len(STYLE)
