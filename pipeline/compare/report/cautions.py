"""What a reader must know before using the figures."""

import re
from collections.abc import Iterator

from pipeline.compare.report.report_content import ReportContent

_FEW = 6
"""With fewer values no interval of a median covers 95 %: 2 * 0.5 ** 5 is above 5 %."""
_BUSY = 2.0
"""Load for each core; builds alone stay below."""


def cautions(content: ReportContent) -> list[str]:
    """Few builds, failures, other work, and several machines, in sentences."""
    return [*_few(content), *_failures(content), *_busy(content), *_machines(content)]


def _few(content: ReportContent) -> Iterator[str]:
    n = [result.summary.n for result in content.results if result.summary]
    if n and min(n) < _FEW:
        yield (
            f"The fewest builds behind a median are {min(n)}. With fewer than {_FEW} an interval covers less"
            " than 95 %."
        )


def _failures(content: ReportContent) -> Iterator[str]:
    if content.failures:
        yield f"Failed builds: {len(content.failures)}. They are listed below and count nowhere."


def _busy(content: ReportContent) -> Iterator[str]:
    cores = re.search(r"(\d+) cores?\b", content.started.machine)
    loads = [each.load for each in content.measurements if each.counts and each.load is not None]
    if cores and loads and max(loads) > _BUSY * int(cores[1]):
        yield (
            f"Other work ran on the machine at the same time: the load was up to {max(loads):.0f} on"
            f" {cores[1]} cores. All variants met it in turns; an idle machine is faster."
        )


def _machines(content: ReportContent) -> Iterator[str]:
    machines = {each.machine for each in content.measurements}
    if len(machines) > 1:
        yield f"Measured on {len(machines)} machines: {'; '.join(sorted(machines))}."
