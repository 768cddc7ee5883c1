"""The report's page in a real browser: it fits a telephone and a desk, complains of nothing, and prints."""

import html
import json
import os
import re
import shutil
import subprocess
from itertools import pairwise

import pytest

from tests.compare.report.example import example

pytestmark = pytest.mark.browser

# The page allows no script; the copy that is looked into does.
PROBE = """<script>
const box = element => element.getBoundingClientRect();
const charts = [...document.querySelectorAll("figure svg")].map(svg => {
  const texts = [...svg.querySelectorAll("text")];
  return {
    width: box(svg).width, height: box(svg).height,
    marks: [...svg.querySelectorAll("path, use")].filter(mark => box(mark).width > 0).length,
    smallest: Math.min(...texts.map(text => box(text).height)),
    outside: texts.filter(text => box(text).right > box(svg).right + 1).map(text => text.textContent),
  };
});
const regions = [...document.querySelectorAll(".wide")];
parent.document.body.textContent = JSON.stringify({
  page: document.documentElement.scrollWidth, window: window.innerWidth, charts,
  regions: regions.map(each => each.tabIndex === 0 && each.hasAttribute("aria-label")).every(Boolean),
  headings: [...document.querySelectorAll("h1, h2, h3")].map(each => Number(each.tagName[1])),
});
</script></body>"""
FRAME = (
    '<!doctype html><body><iframe style="width: {}px; height: 900px; border: 0" srcdoc="{}"></iframe></body>'
)
"""A window of the browser has a least width, a frame has not."""


@pytest.fixture(scope="module")
def chromium():
    found = shutil.which("chromium")
    if not found:
        pytest.skip("no chromium on PATH")
    return found


@pytest.fixture(scope="module")
def page():
    from pipeline.compare.report.page import page  # noqa: PLC0415 - not while tests are collected

    return page(example())


def browse(chromium, file, *options):
    """What the browser prints to both outputs."""
    command = [
        chromium,
        *("--headless", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--enable-logging=stderr"),
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        *(f"--user-data-dir={file.parent / 'profile'}", "--window-size=1400,1000"),
        *(*options, file.as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, done.stderr


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_its_charts_have_content(chromium, page, tmp_path, width):
    file = tmp_path / "page.html"
    open_page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    file.write_text(FRAME.format(width, html.escape(open_page.replace("</body>", PROBE))))
    dumped, _ = browse(chromium, file, "--dump-dom", "--virtual-time-budget=5000")
    seen = json.loads(html.unescape(re.search(r"<body[^>]*>(.*)</body>", dumped, re.DOTALL)[1]))
    assert seen["window"] == width
    assert seen["page"] <= width, "nothing but a table's own region scrolls sideways"
    assert len(seen["charts"]) == 6
    for chart in seen["charts"]:
        assert chart["marks"] > 5
        assert chart["width"] <= width
        assert chart["height"] > 60
        assert chart["smallest"] >= 9, "legible"
        assert chart["outside"] == []
    assert seen["regions"], "who has no mouse reaches every scrolling table"
    levels = seen["headings"]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_browser_complains_of_nothing(chromium, page, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(page)
    dumped, complaints = browse(chromium, file, "--dump-dom")
    assert "Where the split loses" in dumped
    assert [line for line in complaints.splitlines() if "CONSOLE" in line] == []


def test_the_page_prints(chromium, page, tmp_path):
    file, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    file.write_text(page)
    browse(chromium, file, f"--print-to-pdf={pdf}", "--no-pdf-header-footer")
    content = pdf.read_bytes()
    assert content.startswith(b"%PDF-")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", content)) <= 12
