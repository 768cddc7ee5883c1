"""The report's modules, a comparison, and its page."""

import pytest

from tests.compare.report.example import example


@pytest.fixture(scope="module")
def report():
    from pipeline.compare import report  # noqa: PLC0415 - not while tests are collected
    from pipeline.compare.report import findings, markdown, page, report_content  # noqa: F401, PLC0415

    return report


@pytest.fixture(scope="module")
def example_content():
    return example()


@pytest.fixture(scope="module")
def html(report, example_content):
    return report.page.page(example_content)
