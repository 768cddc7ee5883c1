"""The table says "as promised" only of tests that ran to their end and passed."""

from types import SimpleNamespace

import pytest

from tests.faults.table import Table


def row_after(*phases):
    """The row of a test whose phases had these outcomes."""
    table = Table()
    for when, outcome in phases:
        properties = [("fault", (7, "SIGINT"))]
        if when == "teardown":
            properties.append(("load", (120, 0, 3)))
        flags = {name: name == outcome for name in ("passed", "failed", "skipped")}
        table.add(SimpleNamespace(nodeid="one", when=when, user_properties=properties, **flags))
    return table.lines()[-1]


@pytest.mark.parametrize(
    ("phases", "row"),
    [
        ("setup call teardown", "| 7 | SIGINT | as promised | 120 | 0 | 3 |"),
        ("setup call! teardown", "| 7 | SIGINT | FAILED | 120 | 0 | 3 |"),
        ("setup call teardown!", "| 7 | SIGINT | FAILED | 120 | 0 | 3 |"),
        ("setup! teardown", "| 7 | SIGINT | FAILED | 120 | 0 | 3 |"),
        ("setup", "| 7 | SIGINT | not run to its end |  |  |  |"),
        ("setup call? teardown", "| 7 | SIGINT | not run to its end | 120 | 0 | 3 |"),
    ],
)
def test_a_row_shows_the_worst_of_its_phases(phases, row):
    endings = {"!": "failed", "?": "skipped"}
    assert (
        row_after(*((phase.rstrip("!?"), endings.get(phase[-1], "passed")) for phase in phases.split()))
        == row
    )


def test_a_run_without_faults_has_no_table():
    assert Table().lines() == []
