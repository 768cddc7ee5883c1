"""The release store's objects: in S3 with the role's read-only keys, or in a folder on this machine."""

import hashlib
import os
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

VARIABLE = "TANDEM_RELEASES"
_LISTED_SECONDS = 1.0
_LINK_SECONDS = 300


class UnreadableError(Exception):
    """The releases cannot be read now; the message is for the log."""


class Objects(Protocol):
    """Documents by `/`-separated keys. The methods raise UnreadableError."""

    def read(self, key: str) -> bytes | None:
        """The document; None if there is none."""

    def keys(self, prefix: str) -> list[str]:
        """All keys that begin with `prefix`, sorted."""

    def link(self, key: str) -> str:
        """A URL by which anybody reads the document for some minutes; empty if there is no such way."""


@cache
def connect() -> Objects:
    """The store that TANDEM_RELEASES names: `s3://BUCKET/PREFIX/` or a folder; made once per process."""
    place = os.environ.get(VARIABLE, "")
    return objects_at(place) if place else _Nowhere()


def objects_at(place: str, region: str = "") -> Objects:
    """The store at a place, `s3://BUCKET/PREFIX/` or a folder; `region` is that of another bucket's."""
    url = urlsplit(place)
    if url.scheme == "s3":
        return BucketObjects(url.netloc, url.path.lstrip("/"), new_client("s3", region))
    return FolderObjects(Path(place))


def new_client(service: str, region: str = "", *, is_quick: bool = False) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """A client of an AWS service, with the role's keys and short timeouts; a quick one tries once.

    Raises UnreadableError where no region is set, for example.
    """
    # botocore alone: boto3 would only lengthen the cold start.
    from botocore.config import Config  # noqa: PLC0415 - slow to import, and not needed for a folder
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415
    from botocore.session import get_session  # noqa: PLC0415

    config = Config(
        connect_timeout=1 if is_quick else 2,
        read_timeout=2 if is_quick else 5,
        retries={"total_max_attempts": 1 if is_quick else 2, "mode": "standard"},
        # Links signed in the older way are refused for objects under a KMS key, and in newer regions.
        signature_version="s3v4" if service == "s3" else "v4",
    )
    own = os.environ.get("AWS_REGION")
    try:
        return get_session().create_client(service, region_name=region or own, config=config)
    except BotoCoreError as error:
        raise UnreadableError(str(error)) from error


@dataclass(frozen=True)
class FolderObjects:
    """Objects as files below `root`."""

    root: Path

    def read(self, key: str) -> bytes | None:
        try:
            return (self.root / key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnreadableError(str(error)) from error

    def keys(self, prefix: str) -> list[str]:
        files = (self.root / prefix).glob("*")
        return sorted(f"{prefix}{file.name}" for file in files if not file.name.startswith("."))

    def link(self, key: str) -> str:  # noqa: ARG002 - a file has none
        return ""


class BucketObjects:
    """Objects below a prefix of a bucket. A list is kept for a second: a page asks several things at once."""

    def __init__(self, bucket: str, prefix: str, client: Any) -> None:  # noqa: ANN401
        self._bucket, self._prefix, self._client = bucket, prefix, client
        self._key_lists: dict[str, tuple[float, list[str]]] = {}

    def read(self, key: str) -> bytes | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
            data: bytes = answer["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None
        except errors() as error:
            raise UnreadableError(str(error)) from error
        return data

    def keys(self, prefix: str) -> list[str]:
        at, keys = self._key_lists.get(prefix, (0.0, []))
        if time.monotonic() - at > _LISTED_SECONDS:
            keys = self._list(prefix)
            self._key_lists[prefix] = time.monotonic(), keys
        return keys

    def link(self, key: str) -> str:
        # Signed with the role's keys, which may read it: the link can do nothing else.
        place = {"Bucket": self._bucket, "Key": self._prefix + key}
        try:
            link: str = self._client.generate_presigned_url("get_object", place, ExpiresIn=_LINK_SECONDS)
        except errors() as error:
            raise UnreadableError(str(error)) from error
        return link

    def _list(self, prefix: str) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2")
        try:
            answers = list(pages.paginate(Bucket=self._bucket, Prefix=self._prefix + prefix))
        except errors() as error:
            raise UnreadableError(str(error)) from error
        names = (each["Key"] for answer in answers for each in answer.get("Contents", ()))
        return sorted(name.removeprefix(self._prefix) for name in names)


def errors() -> tuple[type[Exception], ...]:
    """What a client raises if AWS refuses or does not answer."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    return BotoCoreError, ClientError


class _Nowhere:
    """No place is named: this API does not show releases."""

    def read(self, key: str) -> bytes | None:
        raise UnreadableError(f"{VARIABLE} is not set: {key} cannot be read")

    def keys(self, prefix: str) -> list[str]:
        raise UnreadableError(f"{VARIABLE} is not set: {prefix} cannot be listed")

    def link(self, key: str) -> str:
        raise UnreadableError(f"{VARIABLE} is not set: {key} cannot be linked")


def tag_of(data: bytes) -> str:
    """An ETag for these bytes: a weak one, since they may be sent compressed."""
    return f'W/"{hashlib.sha256(data).hexdigest()[:32]}"'
