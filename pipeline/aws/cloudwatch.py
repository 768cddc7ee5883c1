"""CloudWatch: sums and maxima of metrics, and alarms in state ALARM."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import explain_errors


def totals(  # noqa: PLR0913 - one query
    aws: Aws,
    namespace: str,
    names: Sequence[str],
    dimensions: Mapping[str, str],
    *,
    since: datetime,
    until: datetime,
) -> list[float]:
    """The sum of each metric in `names` between `since` and `until`, in the order of `names`.

    A metric counts if its dimensions are exactly `dimensions`. AWS sums whole minutes.

    Raises:
        TandemError: AWS refuses.
    """
    return [
        sum(values) for values in _values(aws, namespace, names, dimensions, "Sum", since=since, until=until)
    ]


def maximum(  # noqa: PLR0913 - one query
    aws: Aws,
    namespace: str,
    name: str,
    dimensions: Mapping[str, str],
    *,
    since: datetime,
    until: datetime,
) -> float:
    """The largest value of a metric between `since` and `until`, 0 without values; else as `totals`."""
    (values,) = _values(aws, namespace, [name], dimensions, "Maximum", since=since, until=until)
    return max(values, default=0.0)


def _values(  # noqa: PLR0913 - one query
    aws: Aws,
    namespace: str,
    names: Sequence[str],
    dimensions: Mapping[str, str],
    statistic: str,
    *,
    since: datetime,
    until: datetime,
) -> list[list[float]]:
    pairs = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    queries: Any = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": pairs},
                "Period": 60,
                "Stat": statistic,
            },
        }
        for number, name in enumerate(names)
    ]
    values: dict[str, list[float]] = {query["Id"]: [] for query in queries}
    with explain_errors(f"read {' and '.join(names)} of {', '.join(dimensions.values())}"):
        pages = aws.client("cloudwatch").get_paginator("get_metric_data")
        for page in pages.paginate(MetricDataQueries=queries, StartTime=since, EndTime=until):
            for result in page["MetricDataResults"]:
                values[result["Id"]] += result["Values"]
    return list(values.values())


def active_alarms(aws: Aws, prefix: str) -> set[str]:
    """The names of the alarms in state ALARM whose names begin with `prefix`; TandemError if AWS refuses."""
    with explain_errors("read the alarms"):
        pages = aws.client("cloudwatch").get_paginator("describe_alarms")
        alarms = [alarm for page in pages.paginate(AlarmNamePrefix=prefix) for alarm in page["MetricAlarms"]]
    return {alarm["AlarmName"] for alarm in alarms if alarm.get("StateValue") == "ALARM"}
