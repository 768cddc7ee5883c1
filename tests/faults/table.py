"""The table of faults that docs/reliability.md shows: a row for each test, from pytest's reports."""

HEADER = ("fault", "what is broken", "outcome", "served", "failed", "excused")
_RULER = ("--:", "---", "---", "--:", "--:", "--:")


class Table:
    """One row for each fault: the worst outcome of its phases, and the counts of the last one."""

    def __init__(self):
        self._rows = {}
        self._passed = set()

    def add(self, report):
        properties = dict(report.user_properties)
        if "fault" not in properties or report.skipped:
            return
        if report.when == "call" and report.passed:
            self._passed.add(report.nodeid)
        outcome = self._outcome(report)
        self._rows[report.nodeid] = (*properties["fault"], outcome, *properties.get("load", ("", "", "")))

    def _outcome(self, report):
        _, _, before, *_ = self._rows.get(report.nodeid, HEADER)
        if report.failed or before == "FAILED":
            return "FAILED"
        is_complete = report.when == "teardown" and report.nodeid in self._passed
        return "as promised" if is_complete else "not run to its end"

    def lines(self):
        """The table in Markdown, sorted by the fault's number; no line if there is no row."""
        rows = sorted(self._rows.values(), key=lambda row: row[0])
        table = (HEADER, _RULER, *rows) if rows else ()
        return ["| " + " | ".join(str(cell) for cell in row) + " |" for row in table]
