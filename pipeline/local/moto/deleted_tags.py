"""Tags go with what they are on: moto keeps those of log groups, alarms and buckets by their name."""

from collections.abc import Callable
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend
from moto.logs.models import LogsBackend
from moto.s3.models import S3Backend

Backend = Any
Wrapped = Callable[..., Any]


def _deleting_log_group(delete: Wrapped) -> Wrapped:
    def delete_log_group(self: Backend, log_group_name: str) -> None:
        group = self.groups.get(log_group_name)
        delete(self, log_group_name)
        self.tagger.delete_all_tags_for_resource(group.arn)

    return delete_log_group


def _deleting_alarms(delete: Wrapped) -> Wrapped:
    def delete_alarms(self: Backend, alarm_names: list[str]) -> None:
        alarms = [self.alarms[name] for name in alarm_names if name in self.alarms]
        delete(self, alarm_names)
        for alarm in alarms:
            self.tagger.delete_all_tags_for_resource(alarm.alarm_arn)

    return delete_alarms


def _deleting_bucket(delete: Wrapped) -> Wrapped:
    def delete_bucket(self: Backend, bucket_name: str) -> Any:  # noqa: ANN401 - of moto
        bucket = self.buckets.get(bucket_name)
        deleted = delete(self, bucket_name)
        if deleted and bucket:
            self.tagger.delete_all_tags_for_resource(bucket.arn)
        return deleted

    return delete_bucket


def patch() -> None:
    wraps: list[tuple[Any, str, Callable[[Wrapped], Wrapped]]] = [
        (LogsBackend, "delete_log_group", _deleting_log_group),
        (CloudWatchBackend, "delete_alarms", _deleting_alarms),
        (S3Backend, "delete_bucket", _deleting_bucket),
    ]
    for backend, name, wrap in wraps:
        setattr(backend, name, wrap(getattr(backend, name)))
