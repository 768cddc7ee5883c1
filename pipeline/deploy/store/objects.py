"""Small objects with compare-and-swap: the only ground that the store and the lock stand on."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Stored:
    """An object's bytes and the tag that changes with them."""

    data: bytes
    tag: str


class Objects(Protocol):
    """Keys are `/`-separated. A write that returned True is durable, and overwrote nothing unseen."""

    def read(self, key: str) -> Stored | None:
        """The object, None if there is none."""

    def create(self, key: str, data: bytes) -> bool:
        """Write `key` if there is none yet; False if there is."""

    def replace(self, key: str, data: bytes, tag: str) -> bool:
        """Write `key` if its tag is still `tag`; False if it is not."""

    def keys(self, prefix: str) -> list[str]:
        """All keys that begin with `prefix`, sorted."""
