"""Objects in an S3 bucket, written with conditional requests.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from pipeline.aws import client_errors
from pipeline.aws.access import Aws
from pipeline.aws.client_errors import ClientError
from pipeline.core.errors import TandemError
from pipeline.core.retry import RetryingCaller
from pipeline.deploy.store.objects import Stored

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_EXISTS = {"PreconditionFailed", "412"}
_CONFLICT = {"ConditionalRequestConflict", "409"}
_MISSING = {"NoSuchKey", "404"}


def _is_conflict(error: Exception) -> bool:
    return isinstance(error, ClientError) and client_errors.code(error) in _CONFLICT


_on_conflict = RetryingCaller(
    attempts=5, timeout=None, wait_initial=0.1, wait_max=0.8, wait_exp_base=2, wait_jitter=0
).on(_is_conflict)


@dataclass(frozen=True)
class S3Objects:
    """Objects below `prefix` in `bucket`."""

    aws: Aws
    bucket: str
    prefix: str = ""
    is_quick: bool = False

    @property
    def place(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    @property
    def _s3(self) -> "S3Client":
        return self.aws.quick_s3() if self.is_quick else self.aws.client("s3")

    def quick(self) -> "S3Objects":
        return replace(self, is_quick=True)

    def read(self, key: str) -> Stored | None:
        try:
            response = self._s3.get_object(Bucket=self.bucket, Key=self.prefix + key)
        except ClientError as error:
            if client_errors.code(error) in _MISSING:
                return None
            raise self._error(f"read {key}", error) from error
        with client_errors.explain_errors(f"read {key} in s3://{self.bucket}"):
            return Stored(response["Body"].read(), response["ETag"])

    def create(self, key: str, data: bytes) -> bool:
        request = partial(
            self._s3.put_object, Bucket=self.bucket, Key=self.prefix + key, Body=data, IfNoneMatch="*"
        )
        return self._write(key, data, request)

    def replace(self, key: str, data: bytes, tag: str) -> bool:
        path = self.prefix + key
        request = partial(self._s3.put_object, Bucket=self.bucket, Key=path, Body=data, IfMatch=tag)
        return self._write(key, data, request)

    def keys(self, prefix: str) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2")
        keys: list[str] = []
        try:
            for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix + prefix):
                keys += [item["Key"].removeprefix(self.prefix) for item in page.get("Contents", [])]
        except ClientError as error:
            raise self._error(f"list {prefix}", error) from error
        return sorted(keys)

    def _write(self, key: str, data: bytes, request: Callable[[], object]) -> bool:
        try:
            _on_conflict(request)
        except ClientError as error:
            code = client_errors.code(error)
            if code in _EXISTS | _MISSING:
                # botocore repeats a write whose response was lost, and the second request fails.
                stored = self.read(key)
                return stored is not None and stored.data == data
            if code in _CONFLICT:
                raise TandemError(
                    f"{self._at(key)} is being written by too many at once", hint="run the command again"
                ) from error
            raise self._error(f"write {key}", error) from error
        return True

    def _at(self, key: str) -> str:
        return f"s3://{self.bucket}/{self.prefix}{key}"

    def _error(self, action: str, error: ClientError) -> TandemError:
        return TandemError(
            f"cannot {action} in s3://{self.bucket}: {client_errors.reason(error)}", hint="tandem doctor"
        )
