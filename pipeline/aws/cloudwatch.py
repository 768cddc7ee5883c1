"""CloudWatch: sums of metrics, and alarms in state ALARM."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeline.aws.client import Aws
from pipeline.aws.errors import explain_errors


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
    pairs = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    queries: Any = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": pairs},
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for number, name in enumerate(names)
    ]
    sums = dict.fromkeys((query["Id"] for query in queries), 0.0)
    with explain_errors(f"read {' and '.join(names)} of {', '.join(dimensions.values())}"):
        pages = aws.client("cloudwatch").get_paginator("get_metric_data")
        for page in pages.paginate(MetricDataQueries=queries, StartTime=since, EndTime=until):
            for result in page["MetricDataResults"]:
                sums[result["Id"]] += sum(result["Values"])
    return list(sums.values())


def active_alarms(aws: Aws, prefix: str) -> set[str]:
    """The names of the alarms in state ALARM whose names begin with `prefix`; TandemError if AWS refuses."""
    with explain_errors("read the alarms"):
        pages = aws.client("cloudwatch").get_paginator("describe_alarms")
        alarms = [alarm for page in pages.paginate(AlarmNamePrefix=prefix) for alarm in page["MetricAlarms"]]
    return {alarm["AlarmName"] for alarm in alarms if alarm.get("StateValue") == "ALARM"}
