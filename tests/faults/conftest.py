"""The stack under test, its visitors, and the table of faults."""

import pytest

from tests.e2e.conftest import local  # noqa: F401 - one stack for all faults
from tests.faults.load import Load
from tests.faults.site import Site
from tests.faults.table import Table

_table = Table()


def pytest_configure(config):
    config.addinivalue_line("markers", "fault(number, what): which fault a test makes, for the table")


@pytest.fixture(scope="session")
def site(local, tmp_path_factory):  # noqa: F811 - the fixture
    """The stack, with clones of its sources to push from."""
    return Site(local, tmp_path_factory.mktemp("clones"))


@pytest.fixture
def load(site, request):
    """Visitors while the test runs; at the end no request may have failed, but for the excused ones."""
    with Load(site.local.url) as load:
        yield load
    request.node.user_properties.append(("load", (load.total, len(load.failures), len(load.excused))))
    assert load.failures == []


def pytest_runtest_setup(item):
    mark = item.get_closest_marker("fault")
    if mark:
        number, what = mark.args
        parameters = getattr(item, "callspec", None)
        text = what.format(**parameters.params) if parameters else what
        item.user_properties.append(("fault", (number, text)))


def pytest_runtest_logreport(report):
    _table.add(report)


def pytest_terminal_summary(terminalreporter):
    """Print the table that docs/reliability.md shows."""
    lines = _table.lines()
    if lines:
        terminalreporter.section("faults")
    for line in lines:
        terminalreporter.write_line(line)
