"""CloudWatch Logs: KMS keys of existing log groups, and events of the streams with a prefix."""

import json
from typing import Any

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse as Response


def _group(self: Response) -> LogGroup:
    # AWS accepts either parameter; an ARN may end with `:*`.
    name = (
        self._get_param("logGroupName")
        or self._get_param("resourceIdentifier", "").partition(":log-group:")[2]
    )
    group = self.logs_backend.groups.get(str(name).removesuffix(":*"))
    if group is None:
        raise ResourceNotFoundException
    return group


def _associate_kms_key(self: Response) -> str:
    _group(self).kms_key_id = self._get_param("kmsKeyId")
    return "{}"


def _disassociate_kms_key(self: Response) -> str:
    _group(self).kms_key_id = None
    return "{}"


def _filter_log_events(self: Response) -> str:
    """As AWS: by the prefix of the streams' names, and always sorted by time over all streams."""
    group = _group(self)
    prefix = self._get_param("logStreamNamePrefix")
    names = self._get_param("logStreamNames", [])
    names = [name for name in list(group.streams) if name.startswith(prefix)] if prefix else names
    if prefix and not names:
        return json.dumps({"events": [], "searchedLogStreams": []})
    events, token, streams = self.logs_backend.filter_log_events(
        group.name,
        names,
        self._get_param("startTime"),
        self._get_param("endTime"),
        self._get_param("limit"),
        self._get_param("nextToken"),
        self._get_param("filterPattern"),
        interleaved=True,
    )
    return json.dumps({"events": events, "nextToken": token, "searchedLogStreams": streams})


def patch() -> None:
    response: Any = Response
    response.associate_kms_key = _associate_kms_key
    response.disassociate_kms_key = _disassociate_kms_key
    response.filter_log_events = _filter_log_events
