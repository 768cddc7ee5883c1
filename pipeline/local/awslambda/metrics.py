"""Lambda's CloudWatch metrics, with AWS's dimensions.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from pipeline.local.awslambda.invocation import LATEST, InvocationResult
from pipeline.local.metric_buffer import Metric, MetricBuffer

_NAMESPACE = "AWS/Lambda"

Dimensions = tuple[tuple[str, str], ...]


def dimensions(name: str, qualifier: str, number: str) -> list[Dimensions]:
    """Dimensions of the function, of the invoked alias or version, and of the version behind an alias."""
    function = ("FunctionName", name)
    if qualifier in {"", LATEST}:
        return [(function,), (function, ("Resource", name))]
    resource = ("Resource", f"{name}:{qualifier}")
    return [(function,), (function, resource), (function, resource, ("ExecutedVersion", number))]


class InvocationMetrics:
    """Counts invocations, their errors, durations and throttles."""

    def __init__(self, account: str, region: str) -> None:
        self._buffer = MetricBuffer(account, region)

    def count(self, name: str, qualifier: str, result: InvocationResult, milliseconds: float) -> None:
        """Count one invocation; a throttled one counts as a throttle only."""
        for pairs in dimensions(name, qualifier, result.version):
            if result.throttled:
                self._add("Throttles", "Count", pairs, 1)
                continue
            self._add("Invocations", "Count", pairs, 1)
            self._add("Errors", "Count", pairs, 1 if result.error else 0)
            self._add("Duration", "Milliseconds", pairs, milliseconds)

    def concurrent(self, name: str, running: int) -> None:
        """Record the number of concurrent invocations."""
        self._add("ConcurrentExecutions", "Count", (("FunctionName", name),), running)

    def flush(self, *, now: bool = False) -> None:
        """Pass the metrics to CloudWatch, at most once a second unless `now`."""
        self._buffer.flush(now=now)

    def _add(self, metric: str, unit: str, pairs: Dimensions, value: float) -> None:
        self._buffer.add(Metric(_NAMESPACE, metric, unit, pairs), value)
