"""The releases of one environment, and the audit trail of their deployments."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Self

from pipeline.aws.access import Aws
from pipeline.core.audit import author, now
from pipeline.core.errors import TandemError
from pipeline.core.json_text import damage, parse_json, typed
from pipeline.core.values import Source
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import state
from pipeline.deploy.store.files import FileObjects
from pipeline.deploy.store.holds import Holds
from pipeline.deploy.store.objects import Objects
from pipeline.deploy.store.s3 import S3Objects
from pipeline.deploy.store.state import EnvironmentState
from pipeline.records.run_record import RunRecord

_MANIFESTS, _TRAIL, _RUNS = "manifests/", "trail/", "runs/"


class Outcome(StrEnum):
    """The outcome of a deployment; STARTED until it has ended."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ROLLED_BACK = "rolled back"
    WAITING = "waiting"
    APPROVED = "approved"
    # These belong to no release:
    REFUSED = "refused"
    HELD = "held"
    RESUMED = "resumed"
    SKIPPED = "skipped"
    RUN = "run"
    EXEC = "exec"


@dataclass(frozen=True)
class TrailEntry:
    """One entry of the audit trail; `release` is 0 if it belongs to none.

    `at` is ISO 8601 in UTC, `token` that of the lock at that time.
    """

    release: int
    outcome: Outcome
    at: str
    by: str
    reason: str = ""
    token: int = 0
    sequence: int = 0

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Read an entry; TandemError if it is damaged."""
        try:
            values: dict[str, Any] = parse_json(data)
            values.pop("nonce", None)
            return cls(**typed(cls, values, outcome=Outcome(values["outcome"])))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise TandemError(
                f"an entry of the trail is damaged: {damage(error)}", hint="tandem doctor"
            ) from error


@dataclass(frozen=True)
class Store:
    """The releases of one environment: numbered once and never changed, and the trail of their deployments.

    Every method raises TandemError if an object cannot be read or written.
    """

    objects: Objects
    environment: str

    @classmethod
    def in_folder(cls, folder: Path, environment: str) -> Self:
        """The store of an environment in a folder of this machine."""
        return cls(FileObjects(folder), environment)

    @classmethod
    def in_bucket(cls, aws: Aws, bucket: str, environment: str) -> Self:
        """The store of an environment in the platform's bucket for releases."""
        return cls(S3Objects(aws, bucket, f"{environment}/"), environment)

    def add(self, release: Release) -> Release:
        """Store `release` under the next number and return it with that; safe against concurrent calls."""
        nonce = uuid.uuid4().hex
        while True:
            numbered = replace(release, number=max(self.numbers(), default=0) + 1)
            document = {**numbered.to_dict(), "nonce": nonce}
            if self.objects.create(_key(_MANIFESTS, numbered.number), _dump({"schema": 1, **document})):
                return numbered

    def get(self, number: int) -> Release:
        """Release `number`; TandemError if there is none."""
        stored = self.objects.read(_key(_MANIFESTS, number))
        if stored is None:
            raise TandemError(f"there is no release {number} in {self.environment}", hint="tandem releases")
        return Release.load(stored.data)

    def numbers(self) -> list[int]:
        """The numbers of all releases, sorted."""
        return _numbers(self.objects, _MANIFESTS)

    def latest(self) -> Release | None:
        """The release with the highest number, whatever its outcome."""
        numbers = self.numbers()
        return self.get(numbers[-1]) if numbers else None

    def state(self) -> EnvironmentState:
        """The current release's number, and the lock."""
        return state.read(self.objects)

    def current(self) -> Release | None:
        """The current release: the last that was recorded as succeeded."""
        number = self.state().current
        return None if number is None else self.get(number)

    def record(self, number: int, outcome: Outcome, reason: str = "", *, token: int = 0) -> TrailEntry:
        """Append an entry to the trail."""
        nonce = uuid.uuid4().hex
        entry = TrailEntry(number, outcome, now(), author(), reason, token)
        while True:
            sequence = max(_numbers(self.objects, _TRAIL), default=0) + 1
            entry = replace(entry, sequence=sequence)
            if self.objects.create(_key(_TRAIL, sequence), _dump({**asdict(entry), "nonce": nonce})):
                return entry

    def succeed(self, number: int, token: int, reason: str = "", *, holds: Holds | None = None) -> None:
        """Record that release `number` succeeded, and make it current; with `holds`, these become the holds.

        Raises:
            TandemError: another run has taken the lock with `token`; nothing is recorded then.
        """
        self.get(number)
        _require(self.state(), token)
        self.record(number, Outcome.SUCCEEDED, reason, token=token)
        changes: dict[str, Any] = {
            "current": number,
            "same": {},
            **({} if holds is None else {"holds": holds}),
        }
        state.change(self.objects, lambda current: replace(_require(current, token), **changes))

    def set_holds(self, holds: Holds, token: int) -> None:
        """Replace the holds; TandemError if another run has taken the lock with `token`."""
        state.change(self.objects, lambda current: replace(_require(current, token), holds=holds))

    def set_same(self, same: Mapping[Source, str], token: int) -> bool:
        """Replace the heads that change nothing; returns whether they are others than before.

        Raises:
            TandemError: another run has taken the lock with `token`.
        """
        before = dict(self.state().same)
        state.change(self.objects, lambda current: replace(_require(current, token), same=dict(same)))
        return before != dict(same)

    def trail(self, last: int | None = None) -> list[TrailEntry]:
        """The trail's entries, oldest first; with `last`, only so many of the newest."""
        return list(islice(self._backwards(), last))[::-1]

    def add_run(self, token: int, record: RunRecord) -> None:
        """Keep the durations of the run that held the lock with `token`."""
        self.objects.create(_key(_RUNS, token), _dump(record.to_dict()))

    def runs(self) -> Iterator[RunRecord]:
        """The durations of the runs, newest first; damaged ones are left out."""
        for token in reversed(_numbers(self.objects, _RUNS)):
            stored = self.objects.read(_key(_RUNS, token))
            with suppress(ValueError):
                yield RunRecord.parse(parse_json(stored.data if stored else b"null"))

    def last(self) -> TrailEntry | None:
        """The newest entry of a deployment; approvals come before one."""
        before = {Outcome.WAITING, Outcome.APPROVED}
        return next((each for each in self._backwards() if each.release and each.outcome not in before), None)

    def last_of(self, number: int) -> TrailEntry | None:
        """The newest entry of release `number`."""
        return next((entry for entry in self._backwards() if entry.release == number), None)

    def interrupted(self) -> TrailEntry | None:
        """The newest entry if it is a deployment without an end: its command was killed, or still runs."""
        last = self.last()
        return last if last and last.outcome is Outcome.STARTED else None

    def _backwards(self) -> Iterator[TrailEntry]:
        for sequence in reversed(_numbers(self.objects, _TRAIL)):
            stored = self.objects.read(_key(_TRAIL, sequence))
            if stored:
                yield TrailEntry.load(stored.data)


def _require(current: EnvironmentState, token: int) -> EnvironmentState:
    """`current`, if the lock is still held with `token`; else TandemError."""
    holder = current.holder
    if current.token != token or holder is None:
        cause = f"{holder.who} took it for {holder.what}" if holder else "it was released"
        raise TandemError(
            f"the lock was lost while working: {cause}; nothing was recorded",
            hint="tandem status",
        )
    return current


def _key(prefix: str, number: int) -> str:
    return f"{prefix}{number:08d}.json"


def _numbers(objects: Objects, prefix: str) -> list[int]:
    names = (key.removeprefix(prefix).removesuffix(".json") for key in objects.keys(prefix))
    return sorted(int(name) for name in names if name.isdigit())


def _dump(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
