"""The chart of tandem tune shows each size that worked, in words too."""

from xml.etree import ElementTree as ET

import pytest

from pipeline.deploy.memory_sizes import MeasuredSize

pytestmark = pytest.mark.slow  # importing matplotlib takes a second

SIZES = [
    MeasuredSize(128, 80.0, 120.0, 0.0, 0.4),
    MeasuredSize(512, 20.0, 31.0, 0.0, 0.4),
    MeasuredSize(1769, 0.0, 0.0, 0.0, 0.0, "it failed"),
]


def test_each_size_that_worked_has_its_bar_and_its_words():
    from pipeline.compare.report.sizes_chart import sizes_chart  # noqa: PLC0415 - slow to import

    chart = sizes_chart(SIZES, 512, "on this machine")
    svg = ET.fromstring(chart.svg)  # noqa: S314 - our own
    words = " ".join(part for part in svg.itertext() if part.strip())
    assert "512 MB, released" in words
    assert "Memory of the API's function, on this machine" in words
    assert chart.text == "128 MB: 80.0 ms, 0.40 dollars; 512 MB, released: 20.0 ms, 0.40 dollars"
    assert "1769" not in words
    assert len([each for each in svg.iter() if each.get("id", "").endswith("-patch_3")]) == 1
