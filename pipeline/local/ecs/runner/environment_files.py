"""Read a container's `environmentFiles` from S3, by the rules of ECS.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
"""

from collections.abc import Iterable
from typing import Any

from moto.backends import get_backend

from pipeline.local.ecs.runner.docker_engine import TaskError

_FAILED = "ResourceInitializationError: failed to download env files"


class EnvironmentFiles:
    """The S3 of one account."""

    def __init__(self, account: str) -> None:
        self._s3: Any = get_backend("s3")[account]["aws"]

    def read(self, arns: Iterable[str]) -> dict[str, str]:
        """The variables of all files. The first value of a variable counts.

        Raises:
            TaskError: a file does not exist; worded as ECS does.
        """
        variables: dict[str, str] = {}
        for arn in arns:
            variables = {**parse(self._text(arn)), **variables}
        return variables

    def _text(self, arn: str) -> str:
        bucket, _, key = arn.partition(":::")[2].partition("/")
        try:
            s3_object = self._s3.get_object(bucket, key)
        except Exception as error:  # moto's own errors share no base class
            raise TaskError(f"{_FAILED}: {arn}: {error}") from error
        if s3_object is None:
            raise TaskError(f"{_FAILED}: {arn}: file download command: non empty error stream: 404")
        return bytes(s3_object.value).decode()


def parse(text: str) -> dict[str, str]:
    """The variables of a file: one `NAME=value` a line; ECS takes the value as it is, quotes included."""
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    pairs = [line.partition("=") for line in lines]
    return {name.strip(): value for name, equals, value in reversed(pairs) if equals and name.strip()}
