import signal

import pytest

from tests.e2e.conftest import local  # noqa: F401 - one stack for all faults
from tests.faults.load import Load
from tests.faults.site import Site

_HEADER = ("fault", "what is broken", "outcome", "served", "failed", "excused")
_rows = {}


def pytest_configure(config):
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Started in the background of a script: what we start would ignore the signal as well.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "fault(number, what): which fault a test makes, for the table")


@pytest.fixture(scope="session")
def site(local, tmp_path_factory):  # noqa: F811 - the fixture
    """The stack, with clones of its sources to push from."""
    return Site(local, tmp_path_factory.mktemp("clones"))


@pytest.fixture
def load(site, request):
    """Visitors while the test runs; in the end none of their requests may have failed without excuse."""
    with Load(site.local.url) as load:
        yield load
    request.node.user_properties.append(("load", (load.total, len(load.failures), len(load.excused))))
    assert load.failures == []


def pytest_runtest_setup(item):
    mark = item.get_closest_marker("fault")
    if mark:
        number, what = mark.args
        drawn = getattr(item, "callspec", None)
        item.user_properties.append(("fault", (number, what.format(**drawn.params) if drawn else what)))


def pytest_runtest_logreport(report):
    """One row for each fault: the worst outcome of its phases, and the counts of the last one."""
    found = dict(report.user_properties)
    if "fault" not in found or report.skipped:
        return
    number, what = found["fault"]
    harmed = report.failed or "FAILED" in _rows.get(report.nodeid, ())
    counts = found.get("load", ("", "", ""))
    _rows[report.nodeid] = (number, what, "FAILED" if harmed else "as promised", *counts)


def pytest_terminal_summary(terminalreporter):
    """The table that docs/reliability.md keeps."""
    if not _rows:
        return
    terminalreporter.section("faults")
    ruler = ("--:", "---", "---", "--:", "--:", "--:")
    for row in (_HEADER, ruler, *sorted(_rows.values(), key=lambda row: row[0])):
        terminalreporter.write_line("| " + " | ".join(str(cell) for cell in row) + " |")
