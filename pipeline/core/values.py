"""Digests, image references, commits and the names of sources and layouts as values."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from pipeline.core.errors import TandemError

_SHOWN = 100
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Source(StrEnum):
    """A git repository that the pipeline builds from."""

    APP = "app"
    STATIC = "static"
    API = "api"


class Layout(StrEnum):
    """How the app and the static content are combined in a task."""

    SIDECAR = "sidecar"
    MONOLITH = "monolith"
    FUSED = "fused"


@dataclass(frozen=True, order=True)
class Digest:
    """The sha256 digest of a blob or manifest: `sha256:` and 64 hex digits."""

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a digest; TandemError if `text` is not one."""
        if not _DIGEST.fullmatch(text):
            raise TandemError(f"not an image digest: {text[:_SHOWN]!r} (expected sha256: and 64 hex digits)")
        return cls(text)

    @property
    def short(self) -> str:
        """The first 12 hex digits, for messages."""
        return self.value.removeprefix("sha256:")[:12]

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, order=True)
class ImageRef:
    """A pushed image, named by digest: `host[:port]/path@sha256:…`."""

    repository: str
    digest: Digest

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `repository@digest`; TandemError if the digest is missing or malformed."""
        repository, at, digest = text.partition("@")
        if not at or not repository:
            raise TandemError(f"not an image by digest: {text!r} (expected repository@sha256:…)")
        return cls(repository, Digest.parse(digest))

    @property
    def host(self) -> str:
        """The registry's host, with its port."""
        return self.repository.partition("/")[0]

    @property
    def path(self) -> str:
        """The repository's name within its registry."""
        return self.repository.partition("/")[2]

    def __str__(self) -> str:
        return f"{self.repository}@{self.digest}"


@dataclass(frozen=True)
class Commit:
    """One commit of one source; `id` is the full hash, `subject` the first line of its message."""

    source: Source
    id: str
    subject: str

    @property
    def short(self) -> str:
        """The first 10 hex digits of the hash, for messages."""
        return self.id[:10]
