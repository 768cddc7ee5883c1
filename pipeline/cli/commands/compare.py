"""tandem compare: build times, bloated against split."""

import json
from dataclasses import asdict

from pipeline.cli.options import HERE, JsonOption, ProjectOption, open_session


def compare(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Measure bloated and split builds side by side.

    Builds the monolith and the split images once for each scenario, and prints seconds and bytes sent.
    """
    from pipeline.compare import run, table

    session = open_session(project, "local")
    run_id = run.compare(session)
    records = session.records.all()
    rows, measured = table.comparisons(records, run_id), table.measured(records, run_id)
    if as_json:
        values = [asdict(row) | {"ratio": row.ratio, "measured": asdict(measured)} for row in rows]
        print(json.dumps(values, indent=2))
    else:
        print(table.table(rows, measured))
