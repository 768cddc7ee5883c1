"""CloudWatch Logs: associate a KMS key with an existing log group, and disassociate it."""

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


def patch() -> None:
    response: Any = Response
    response.associate_kms_key = _associate_kms_key
    response.disassociate_kms_key = _disassociate_kms_key
