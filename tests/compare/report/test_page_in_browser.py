"""The report's page in a real browser: it fits a telephone and a desk, complains of nothing, and prints."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe

from pipeline.core.paths import ROOT
from tests.compare import experiments
from tests.compare.report.example import example
from tests.compare.start import example as starts
from tests.support.browser import browser_of, page_of

pytestmark = pytest.mark.browser

COMMITTED = sorted((ROOT / "docs" / "measurements").glob("*/report.html"))
ALL_CHARTS = 14
"""The charts of builds on two sizes, of serving, and of starts."""
SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
LOOK = """() => {
  const box = element => element.getBoundingClientRect();
  return {
    page: document.documentElement.scrollWidth,
    charts: [...document.querySelectorAll("figure svg")].map(svg => {
      const texts = [...svg.querySelectorAll("text")];
      return {
        width: box(svg).width, height: box(svg).height,
        marks: [...svg.querySelectorAll("path, use")].filter(mark => box(mark).width > 0).length,
        smallest: Math.min(...texts.map(text => box(text).height)),
        outside: texts.filter(text => box(text).right > box(svg).right + 1).map(text => text.textContent),
      };
    }),
    regions: [...document.querySelectorAll(".wide")].map(
      each => each.tabIndex === 0 && each.hasAttribute("aria-label")),
    headings: [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(each => Number(each.tagName[1])),
  };
}"""


@pytest.fixture(scope="module")
def html():
    from pipeline.compare.report.page import page  # noqa: PLC0415 - not while tests are collected

    serving = experiments.example(factors={("sidecar", "large-asset"): 0.8, ("fused", "random-files"): 5.0})
    return page(replace(example(), experiments={"serving": serving, "start": starts.example()}))


@pytest.fixture(scope="module")
def browser(chromium):
    with browser_of(chromium) as browser:
        yield browser


def check(browser, html, folder, size, charts):
    """What an assertion would say of the page in a window of that size: nothing, or the first fault."""
    file, width = folder / "page.html", size["width"]
    file.write_text(html)
    with page_of(browser, viewport=size) as page:
        page.goto(file.as_uri())
        layout = page.evaluate(LOOK)
        violations = Axe().run(page).response["violations"]
    assert page.problems == []
    assert layout["page"] <= width, "nothing but a table's own region scrolls sideways"
    assert len(layout["charts"]) >= charts
    for chart in layout["charts"]:
        assert chart["marks"] > 5, "a chart has marks"
        assert chart["width"] <= width
        assert chart["height"] > 60
        assert chart["smallest"] >= 9, "legible"
        assert chart["outside"] == []
    assert all(layout["regions"]), "who has no mouse reaches every scrolling table"
    assert layout["headings"][0] == 1
    steps = [after - before for before, after in pairwise(layout["headings"])]
    assert max(steps) <= 1, "no heading skips a level"
    assert [(each["id"], each["nodes"][0]["html"]) for each in violations] == []


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_page_fits_its_charts_have_content_and_axe_finds_nothing(browser, html, tmp_path, size):
    check(browser, html, tmp_path, size, ALL_CHARTS)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("file", COMMITTED, ids=lambda file: file.parent.name)
def test_committed_pages_do_too(browser, tmp_path, file, size):
    check(browser, file.read_text(encoding="utf-8"), tmp_path, size, charts=5)


def without_marks(html):
    """The first chart has axes and texts, and no line, point or bar."""
    chart = re.search(r"<svg .*?</svg>", html, re.DOTALL)[0]
    return html.replace(chart, re.sub(r"<(path|use)\b[^>]*?/>", "", chart))


DAMAGES = {
    "a chart without marks": (without_marks, "marks"),
    "a chart without a size": (lambda html: html.replace("<svg ", '<svg style="display: none" ', 1), "marks"),
    "a chart without a text": (
        lambda html: re.sub(r' aria-labelledby="[^"]*"', "", re.sub(r"<title id.*?</desc>", "", html)),
        "svg-img-alt",
    ),
    "pale text": (lambda html: html.replace("--soft: #4b5968", "--soft: #c4c8cc"), "color-contrast"),
    "a script": (lambda html: html.replace("</body>", "<script>x()</script></body>"), "Content Security"),
    "a table that widens the page": (
        lambda html: html.replace(".wide { overflow-x", ".wide { x"),
        "sideways",
    ),
    "a region without a name": (lambda html: re.sub(r' aria-label="All[^"]*"', "", html), "mouse"),
    "a heading that skips a level": (lambda html: html.replace("<h2>", "<h4>", 1), "skips"),
}


@pytest.mark.parametrize(("damage", "fault"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_page_is_noticed(browser, html, tmp_path, damage, fault):
    """Every assertion above fails on the page that it is about."""
    damaged = damage(html)
    assert damaged != html
    with pytest.raises(AssertionError, match=fault):
        check(browser, damaged, tmp_path, SIZES["phone"], ALL_CHARTS)


def test_the_page_prints(browser, html, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(html)
    with page_of(browser) as page:
        page.goto(file.as_uri())
        content = page.pdf(prefer_css_page_size=True)
    assert content.startswith(b"%PDF-")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", content)) <= 16
