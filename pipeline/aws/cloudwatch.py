"""CloudWatch: sums of metrics, and alarms that ring."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeline.aws.client import Aws, asking


def totals(  # noqa: PLR0913 - one query
    aws: Aws,
    namespace: str,
    names: Sequence[str],
    where: Mapping[str, str],
    *,
    since: datetime,
    until: datetime,
) -> list[float]:
    """The sum of each metric with exactly the dimensions `where`; by whole minutes on AWS."""
    dimensions = [{"Name": key, "Value": value} for key, value in where.items()]
    queries: Any = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions},
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for number, name in enumerate(names)
    ]
    sums = dict.fromkeys((query["Id"] for query in queries), 0.0)
    with asking(f"read {' and '.join(names)} of {', '.join(where.values())}"):
        pages = aws.client("cloudwatch").get_paginator("get_metric_data")
        for page in pages.paginate(MetricDataQueries=queries, StartTime=since, EndTime=until):
            for found in page["MetricDataResults"]:
                sums[found["Id"]] += sum(found["Values"])
    return list(sums.values())


def ringing_alarms(aws: Aws, prefix: str) -> set[str]:
    """The names of the alarms in state ALARM whose names begin with `prefix`; TandemError if AWS refuses."""
    with asking("read the alarms"):
        pages = aws.client("cloudwatch").get_paginator("describe_alarms")
        found = [alarm for page in pages.paginate(AlarmNamePrefix=prefix) for alarm in page["MetricAlarms"]]
    return {alarm["AlarmName"] for alarm in found if alarm.get("StateValue") == "ALARM"}
