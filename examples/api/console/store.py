"""The environment's releases, read from its store: manifests, trail, state."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from console.objects import Objects, UnreadableError

_MANIFESTS, _TRAIL, _RUNS, _STATE = "manifests/", "trail/", "runs/", "state.json"
_KEPT = 512
_AT_ONCE = 16
_NEWEST = 200

Document = dict[str, Any]


class Store:
    """Reads documents; those that never change are read once per process."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._cached_read = lru_cache(_KEPT)(self._read)

    def numbers(self) -> list[int]:
        """The numbers of all releases, newest first."""
        return self._numbers(_MANIFESTS)

    def manifest(self, number: int) -> Document | None:
        """A release's manifest; None if there is none."""
        return self._fixed(_key(_MANIFESTS, number))

    def manifests(self, numbers: list[int]) -> list[Document]:
        """The manifests of these releases, in this order."""
        return [each for each in self._all(_MANIFESTS, numbers) if each]

    def runs(self, trail: list[Document]) -> list[Document]:
        """The measured runs of these entries, oldest first: each run has its lock's token as number."""
        tokens = sorted({entry["token"] for entry in trail if entry.get("token")})
        return [each for each in self._all(_RUNS, tokens) if each]

    def state(self) -> Document:
        """The number of the current release, and who works on the environment now."""
        data = self._objects.read(_STATE)
        return _document(_STATE, data) if data else {}

    def last(self, count: int = 1) -> list[Document]:
        """The newest entries of the trail, oldest first."""
        return [each for each in self._all(_TRAIL, self._numbers(_TRAIL)[:count]) if each][::-1]

    def after(self, sequence: int) -> list[Document]:
        """The newest entries after this sequence number, oldest first."""
        newer = [number for number in self._numbers(_TRAIL)[:_NEWEST] if number > sequence]
        return [each for each in self._all(_TRAIL, newer) if each][::-1]

    def trails(self, numbers: list[int]) -> dict[int, list[Document]]:
        """Each release's entries, oldest first; reads no further back than to the start of the oldest."""
        trails: dict[int, list[Document]] = {number: [] for number in numbers}
        unseen = set(numbers)
        for entry in self._backwards():
            if entry["release"] in trails:
                trails[entry["release"]].insert(0, entry)
            if entry["outcome"] == "started":
                unseen.discard(entry["release"])
            if not unseen:
                break
        return trails

    def _backwards(self) -> Iterator[Document]:
        sequences = self._numbers(_TRAIL)
        for start in range(0, len(sequences), _AT_ONCE):
            yield from (each for each in self._all(_TRAIL, sequences[start : start + _AT_ONCE]) if each)

    def _all(self, prefix: str, numbers: list[int]) -> list[Document | None]:
        if not numbers:
            return []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(lambda number: self._fixed(_key(prefix, number)), numbers))

    def _fixed(self, key: str) -> Document | None:
        """A document that never changes once it is there; None before."""
        try:
            return self._cached_read(key)
        except FileNotFoundError:
            return None

    def _read(self, key: str) -> Document:
        data = self._objects.read(key)
        if data is None:
            raise FileNotFoundError(key)  # not kept: it may be written later
        return _document(key, data)

    def _numbers(self, prefix: str) -> list[int]:
        names = (key.removeprefix(prefix).removesuffix(".json") for key in self._objects.keys(prefix))
        return sorted((int(name) for name in names if name.isdigit()), reverse=True)


def _key(prefix: str, number: int) -> str:
    return f"{prefix}{number:08d}.json"


def _document(key: str, data: bytes) -> Document:
    try:
        document: Document = json.loads(data)
    except ValueError as error:
        raise UnreadableError(f"{key} is damaged: {error}") from error
    return document
