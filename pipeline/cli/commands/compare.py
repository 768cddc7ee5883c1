"""tandem compare: build times, bloated against split."""

import json
from dataclasses import asdict

from pipeline.cli.options import HERE, JsonOption, ProjectOption, open_session


def compare(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Measure bloated and split builds side by side.

    Builds the monolith and the split images once for each scenario, and prints seconds and bytes sent.
    """
    from pipeline.compare import run, table
    from pipeline.records import machine

    session = open_session(project, "local")
    run_id = run.compare(session)
    measured = table.comparisons(session.records.all(), run_id)
    if as_json:
        print(json.dumps([asdict(row) | {"ratio": row.ratio} for row in measured], indent=2))
    else:
        print(table.table(measured, machine.describe()))
