"""Objects in an S3 bucket, by conditional writes.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pipeline.aws import errors
from pipeline.aws.client import Aws
from pipeline.aws.errors import ClientError
from pipeline.core.errors import TandemError
from pipeline.deploy.store.objects import Stored

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TRIES = 5
_EXISTS = {"PreconditionFailed", "412"}
_RACING = {"ConditionalRequestConflict", "409"}
_ABSENT = {"NoSuchKey", "404"}


@dataclass(frozen=True)
class S3Objects:
    """Objects below `prefix` of `bucket`."""

    aws: Aws
    bucket: str
    prefix: str = ""

    @property
    def _s3(self) -> "S3Client":
        return self.aws.client("s3")

    def read(self, key: str) -> Stored | None:
        try:
            answer = self._s3.get_object(Bucket=self.bucket, Key=self.prefix + key)
        except ClientError as error:
            if errors.code(error) in _ABSENT:
                return None
            raise self._refused(f"read {key}", error) from error
        return Stored(answer["Body"].read(), answer["ETag"])

    def create(self, key: str, data: bytes) -> bool:
        put = partial(
            self._s3.put_object, Bucket=self.bucket, Key=self.prefix + key, Body=data, IfNoneMatch="*"
        )
        return self._write(key, data, put)

    def replace(self, key: str, data: bytes, tag: str) -> bool:
        put = partial(self._s3.put_object, Bucket=self.bucket, Key=self.prefix + key, Body=data, IfMatch=tag)
        return self._write(key, data, put)

    def keys(self, prefix: str) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2")
        found = []
        try:
            for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix + prefix):
                found += [item["Key"].removeprefix(self.prefix) for item in page.get("Contents", [])]
        except ClientError as error:
            raise self._refused(f"list {prefix}", error) from error
        return sorted(found)

    def _write(self, key: str, data: bytes, put: Callable[[], object]) -> bool:
        for attempt in range(_TRIES):
            try:
                put()
            except ClientError as error:
                code = errors.code(error)
                if code in _EXISTS | _ABSENT:
                    # A write whose reply got lost is repeated by botocore, and then finds itself.
                    found = self.read(key)
                    return found is not None and found.data == data
                if code not in _RACING:
                    raise self._refused(f"write {key}", error) from error
                time.sleep(0.1 * 2**attempt)
            else:
                return True
        raise TandemError(
            f"{self._at(key)} is being written by too many at once", hint="run the command again"
        )

    def _at(self, key: str) -> str:
        return f"s3://{self.bucket}/{self.prefix}{key}"

    def _refused(self, what: str, error: ClientError) -> TandemError:
        return TandemError(
            f"cannot {what} in s3://{self.bucket}: {errors.reason(error)}", hint="tandem doctor"
        )
