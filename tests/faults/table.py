"""The table of faults that docs/reliability.md keeps: a row for each test, from pytest's reports."""

HEADER = ("fault", "what is broken", "outcome", "served", "failed", "excused")
_RULER = ("--:", "---", "---", "--:", "--:", "--:")


class Table:
    """One row for each fault: the worst outcome of its phases, and the counts of the last one."""

    def __init__(self):
        self._rows = {}
        self._passed = set()

    def add(self, report):
        found = dict(report.user_properties)
        if "fault" not in found or report.skipped:
            return
        if report.when == "call" and report.passed:
            self._passed.add(report.nodeid)
        outcome = self._outcome(report)
        self._rows[report.nodeid] = (*found["fault"], outcome, *found.get("load", ("", "", "")))

    def _outcome(self, report):
        _, _, before, *_ = self._rows.get(report.nodeid, HEADER)
        if report.failed or before == "FAILED":
            return "FAILED"
        whole = report.when == "teardown" and report.nodeid in self._passed
        return "as promised" if whole else "not run to its end"

    def lines(self):
        """As Markdown, by number; none without rows."""
        rows = sorted(self._rows.values(), key=lambda row: row[0])
        told = (HEADER, _RULER, *rows) if rows else ()
        return ["| " + " | ".join(str(cell) for cell in row) + " |" for row in told]
