"""The releases of one environment: numbered once, never changed, with a trail of what became of them."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from pipeline.aws.client import Aws
from pipeline.core.audit import author, now
from pipeline.core.errors import TandemError
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import state
from pipeline.deploy.store.files import FileObjects
from pipeline.deploy.store.objects import Objects
from pipeline.deploy.store.s3 import S3Objects
from pipeline.deploy.store.state import EnvironmentState

_MANIFESTS, _TRAIL = "manifests/", "trail/"


class Outcome(StrEnum):
    """What became of a deployment."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True)
class TrailEntry:
    """One line of the audit trail: which release, what happened, when, by whom, why."""

    release: int
    outcome: Outcome
    at: str
    by: str
    reason: str = ""
    token: int = 0
    sequence: int = 0

    @classmethod
    def load(cls, data: bytes) -> Self:
        """TandemError if the entry is damaged."""
        try:
            values: dict[str, Any] = json.loads(data)
            values.pop("nonce", None)
            return cls(**{**values, "outcome": Outcome(values["outcome"])})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise TandemError(f"an entry of the trail is damaged: {error!r}", hint="tandem doctor") from error


@dataclass(frozen=True)
class Store:
    """Everything that is remembered about one environment's releases."""

    objects: Objects
    environment: str

    @classmethod
    def in_folder(cls, folder: Path, environment: str) -> Self:
        """The releases of an environment whose store is a folder of this machine."""
        return cls(FileObjects(folder), environment)

    @classmethod
    def in_bucket(cls, aws: Aws, bucket: str, environment: str) -> Self:
        """The releases of an environment whose store is the releases' bucket."""
        return cls(S3Objects(aws, bucket, f"{environment}/"), environment)

    def add(self, release: Release) -> Release:
        """Give `release` the next number and keep it forever; safe against others doing the same."""
        nonce = uuid.uuid4().hex
        while True:
            numbered = replace(release, number=max(self.numbers(), default=0) + 1)
            document = {**numbered.to_dict(), "nonce": nonce}
            if self.objects.create(_key(_MANIFESTS, numbered.number), _dump({"schema": 1, **document})):
                return numbered

    def get(self, number: int) -> Release:
        """Release `number`; TandemError if there is none."""
        found = self.objects.read(_key(_MANIFESTS, number))
        if found is None:
            raise TandemError(
                f"there is no release {number} in {self.environment}", hint="tandem releases shows all"
            )
        document = json.loads(found.data)
        document.pop("nonce", None)
        return Release.load(json.dumps(document))

    def numbers(self) -> list[int]:
        return _numbers(self.objects, _MANIFESTS)

    def latest(self) -> Release | None:
        numbers = self.numbers()
        return self.get(numbers[-1]) if numbers else None

    def state(self) -> EnvironmentState:
        return state.read(self.objects)

    def current(self) -> Release | None:
        """The release that runs: the last that was recorded as succeeded."""
        number = self.state().current
        return None if number is None else self.get(number)

    def record(self, number: int, outcome: Outcome, reason: str = "", *, token: int = 0) -> TrailEntry:
        """Append to the trail."""
        nonce = uuid.uuid4().hex
        entry = TrailEntry(number, outcome, now(), author(), reason, token)
        while True:
            following = max(_numbers(self.objects, _TRAIL), default=0) + 1
            entry = replace(entry, sequence=following)
            if self.objects.create(_key(_TRAIL, following), _dump({**asdict(entry), "nonce": nonce})):
                return entry

    def succeed(self, number: int, token: int, reason: str = "") -> None:
        """Record that release `number` runs and is healthy, then make it current.

        TandemError if the lock with `token` was lost in the meantime: nothing is recorded then.
        """
        self.get(number)
        _require(self.state(), token)
        self.record(number, Outcome.SUCCEEDED, reason, token=token)
        state.change(self.objects, lambda found: replace(_require(found, token), current=number))

    def trail(self, last: int | None = None) -> list[TrailEntry]:
        """The trail's entries, oldest first; only the `last` ones if given."""
        return list(reversed([entry for entry, _ in zip(self._backwards(), _counted(last), strict=False)]))

    def last(self) -> TrailEntry | None:
        """The trail's newest entry."""
        return next(self._backwards(), None)

    def interrupted(self) -> TrailEntry | None:
        """The deployment that started and never ended: its command was killed, or runs now."""
        last = self.last()
        return last if last and last.outcome is Outcome.STARTED else None

    def _backwards(self) -> Iterator[TrailEntry]:
        for sequence in reversed(_numbers(self.objects, _TRAIL)):
            found = self.objects.read(_key(_TRAIL, sequence))
            if found:
                yield TrailEntry.load(found.data)


def _require(found: EnvironmentState, token: int) -> EnvironmentState:
    if found.token != token or found.holder is None:
        holder = f"{found.holder.who} took it for {found.holder.what}" if found.holder else "it was released"
        raise TandemError(
            f"the lock was lost while working: {holder}; nothing was recorded",
            hint="tandem status shows what runs now",
        )
    return found


def _key(prefix: str, number: int) -> str:
    return f"{prefix}{number:08d}.json"


def _numbers(objects: Objects, prefix: str) -> list[int]:
    names = (key.removeprefix(prefix).removesuffix(".json") for key in objects.keys(prefix))
    return sorted(int(name) for name in names if name.isdigit())


def _dump(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _counted(last: int | None) -> Iterator[int]:
    count = 0
    while last is None or count < last:
        yield count
        count += 1
