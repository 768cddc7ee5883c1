"""tandem compare: measure builds."""

import json
from dataclasses import asdict

from pipeline.cli.options import HERE, JsonOption, ProjectOption, open_project, session
from pipeline.compare import table as report
from pipeline.compare.run import compare as measure
from pipeline.records import machine


def compare(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Measure bloated and split builds side by side, and print the table."""
    at = session(open_project(project), "local")
    run = measure(at)
    rows = report.rows(at.records.all(), run)
    if as_json:
        print(json.dumps([asdict(row) | {"ratio": row.ratio} for row in rows], indent=2))
    else:
        print(report.table(rows, machine.describe()))
