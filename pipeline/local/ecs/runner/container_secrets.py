"""Resolve a container's `secrets` from Secrets Manager and SSM Parameter Store."""

import re
from typing import Any

from moto.backends import get_backend

from pipeline.core.json_text import parse_json
from pipeline.local.ecs.runner.docker_engine import TaskError

_SECRET = re.compile(
    r"(?P<arn>arn:aws[a-z-]*:secretsmanager:[^:]+:\d{12}:secret:[^:]+)"
    r"(?::(?P<key>[^:]*):(?P<stage>[^:]*):(?P<version>[^:]*))?"
)
_FAILED = "ResourceInitializationError: unable to pull secrets or registry auth"


class ContainerSecrets:
    """Secrets Manager and SSM of one account and region."""

    def __init__(self, account: str, region: str) -> None:
        self._manager: Any = get_backend("secretsmanager")[account][region]
        self._parameters: Any = get_backend("ssm")[account][region]

    def resolve(self, value_from: str) -> str:
        """The value behind `valueFrom`.

        Raises:
            TaskError: there is no such secret, key or parameter; worded as ECS does.
        """
        try:
            match = _SECRET.fullmatch(value_from)
            return self._secret(match) if match else self._parameter(value_from)
        except TaskError:
            raise
        except Exception as error:  # moto's own errors share no base class
            raise TaskError(f"{_FAILED}: unable to retrieve {value_from}: {error}") from error

    def _secret(self, match: re.Match[str]) -> str:
        answer = self._manager.get_secret_value(
            match["arn"], match["version"] or None, match["stage"] or "AWSCURRENT"
        )
        text = str(answer["SecretString"])
        if not match["key"]:
            return text
        values = parse_json(text)
        if match["key"] not in values:
            raise TaskError(f"{_FAILED}: retrieved secret {match['arn']} has no key {match['key']!r}")
        return str(values[match["key"]])

    def _parameter(self, value_from: str) -> str:
        name = value_from.partition(":parameter")[2] or value_from
        parameter = self._parameters.get_parameter(name) or self._parameters.get_parameter(name.lstrip("/"))
        if parameter is None:
            raise TaskError(f"{_FAILED}: invalid ssm parameters: {value_from}")
        return str(parameter.decrypt(parameter.value))
