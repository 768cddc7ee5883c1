"""Sum up CloudWatch metrics in memory, and pass them to moto once a second."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import Any

from moto.backends import get_backend

_INTERVAL = 1.0
_MAX_DATA = 50_000


@dataclass(frozen=True)
class Metric:
    """One CloudWatch metric with its dimensions."""

    namespace: str
    name: str
    unit: str
    dimensions: tuple[tuple[str, str], ...]


@dataclass
class _Sum:
    values: list[float] = field(default_factory=list)

    def statistics(self) -> Mapping[str, float]:
        values = self.values
        return {
            "Sum": sum(values),
            "Minimum": min(values),
            "Maximum": max(values),
            "SampleCount": float(len(values)),
        }


class MetricBuffer:
    """The values since the last flush; safe to use from any thread."""

    def __init__(self, account: str, region: str) -> None:
        self._scope = account, region
        self._sums: dict[Metric, _Sum] = {}
        self._lock = Lock()
        self._flushed = monotonic()

    def add(self, metric: Metric, value: float = 1.0) -> None:
        """Add one value."""
        with self._lock:
            self._sums.setdefault(metric, _Sum()).values.append(value)

    def flush(self, *, now: bool = False) -> None:
        """Pass the sums to moto, at most once a second unless `now`."""
        with self._lock:
            if not now and monotonic() - self._flushed < _INTERVAL:
                return
            self._flushed = monotonic()
            sums, self._sums = self._sums, {}
        account, region = self._scope
        backend = get_backend("cloudwatch")[account][region]
        for metric, total in sums.items():
            backend.put_metric_data(metric.namespace, [_datum(metric, total)])
        # moto keeps its metrics in memory.
        if len(backend.metric_data) > _MAX_DATA:
            del backend.metric_data[: -_MAX_DATA // 2]


def _datum(metric: Metric, total: _Sum) -> dict[str, Any]:
    return {
        "MetricName": metric.name,
        "Unit": metric.unit,
        "Timestamp": datetime.now(UTC).replace(tzinfo=None),
        "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
        "StatisticValues": total.statistics(),
    }
