"""Lambda's metrics, with the dimensions that AWS gives them.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from pipeline.local.awslambda.invocation import LATEST, Outcome
from pipeline.local.metric_buffer import Metric, Metrics

_NAMESPACE = "AWS/Lambda"

Dimensions = tuple[tuple[str, str], ...]


def dimensions(name: str, qualifier: str, number: str) -> list[Dimensions]:
    """Of the function, of the alias or version that was invoked, and of the version behind an alias."""
    function = ("FunctionName", name)
    if qualifier in {"", LATEST}:
        return [(function,), (function, ("Resource", name))]
    resource = ("Resource", f"{name}:{qualifier}")
    return [(function,), (function, resource), (function, resource, ("ExecutedVersion", number))]


class Meter:
    """Counts invocations."""

    def __init__(self, account: str, region: str) -> None:
        self._metrics = Metrics(account, region)

    def count(self, name: str, qualifier: str, outcome: Outcome, milliseconds: float) -> None:
        """One invocation. A throttled one is none: it counts as a throttle only."""
        for where in dimensions(name, qualifier, outcome.version):
            if outcome.throttled:
                self._add("Throttles", "Count", where, 1)
                continue
            self._add("Invocations", "Count", where, 1)
            self._add("Errors", "Count", where, 1 if outcome.error else 0)
            self._add("Duration", "Milliseconds", where, milliseconds)

    def concurrent(self, name: str, running: int) -> None:
        """So many invocations run at once."""
        self._add("ConcurrentExecutions", "Count", (("FunctionName", name),), running)

    def flush(self, *, now: bool = False) -> None:
        self._metrics.flush(now=now)

    def _add(self, metric: str, unit: str, where: Dimensions, value: float) -> None:
        self._metrics.add(Metric(_NAMESPACE, metric, unit, where), value)
