"""The interface of small objects with compare-and-swap, which the store and the lock use."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Stored:
    """An object's bytes, and a tag that changes with them."""

    data: bytes
    tag: str


class Objects(Protocol):
    """Keys are `/`-separated. A write that returned True is durable.

    Each method raises TandemError if the folder or the bucket cannot be read or written.
    """

    @property
    def place(self) -> str:
        """Where the objects are: a folder, or `s3://bucket/prefix`."""

    def read(self, key: str) -> Stored | None:
        """The object; None if there is none."""

    def create(self, key: str, data: bytes) -> bool:
        """Write `key` if it does not exist; False if it does."""

    def replace(self, key: str, data: bytes, tag: str) -> bool:
        """Write `key` if its tag is `tag`; False if another writer has changed it."""

    def keys(self, prefix: str) -> list[str]:
        """All keys that begin with `prefix`, sorted."""

    def quick(self) -> "Objects":
        """The same objects, by requests that fail soon and are not repeated: for renewals of the lock."""
