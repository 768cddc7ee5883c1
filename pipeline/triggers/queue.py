"""Triggers that wait for a release, as files on this machine: what was acknowledged is never lost.

A trigger is one file, written and synced before `add` returns; how it ended is a second file. A trigger waits
while it has no second file, so that whatever is killed between the two leaves it waiting. A release reads all
heads itself: a trigger that is handled twice does no harm.
"""

import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from pipeline.core.audit import author, now
from pipeline.core.errors import TandemError
from pipeline.core.json_text import parse_json, require_text, typed
from pipeline.core.private_files import private_folder, touch_private, write_private
from pipeline.core.settings import Project
from pipeline.core.steps import step
from pipeline.core.trigger import Trigger
from pipeline.core.values import Source
from pipeline.deploy.store.files import FileObjects
from pipeline.deploy.store.holder import Holder, this_process

KEPT_SECONDS = 8 * 86_400
"""How long an ended trigger stays: services deliver again for up to a week."""
_POLL = 0.2
_WAITING, _ENDED = "triggers/", "ended/"
_DAMAGED = (TandemError, ValueError, KeyError, TypeError)
"""What reading a file raises that this program did not write, or that cannot be read."""


class TriggerOutcome(StrEnum):
    """How a trigger ended."""

    RELEASED = "released"
    MERGED = "merged"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Ended:
    """The end of a trigger: `release` is the release that has it, or 0; `why` says what happened."""

    outcome: TriggerOutcome
    at: str
    release: int = 0
    why: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """The outcome, the release and the reason, for people."""
        into = f" into release {self.release}" if self.outcome is TriggerOutcome.MERGED else ""
        number = f" with release {self.release}" if self.release and not into else ""
        return f"{self.outcome.value}{into}{number}{': ' if self.why else ''}{self.why}"

    @classmethod
    def load(cls, values: dict[str, Any]) -> Self:
        """Read its JSON values; ValueError, KeyError or TypeError if they are damaged."""
        return cls(**typed(cls, values, outcome=TriggerOutcome(values["outcome"])))


@dataclass(frozen=True)
class Entry:
    """A trigger in the queue; `ended` is None while it waits or runs."""

    id: str
    trigger: Trigger
    ended: Ended | None = None


@dataclass(frozen=True)
class Queue:
    """The triggers of one environment in `folder`, shared by all processes of this machine."""

    folder: Path

    @classmethod
    def of(cls, project: Project, environment: str) -> Self:
        """The queue of an environment; nothing is read or written yet."""
        return cls(project.state / environment / "queue")

    def add(self, trigger: Trigger, name: str = "") -> Entry | None:
        """Store `trigger`, durably; None if one with this `name` is known already.

        Raises:
            TandemError: the disk is full or the folder cannot be written.
        """
        entry = Entry(name or f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}", trigger)
        private_folder(self.folder)
        with step("enqueue"):
            is_new = self._objects.create(f"{_WAITING}{entry.id}.json", _dump(trigger.to_dict()))
        return entry if is_new else None

    def waiting(self) -> list[Entry]:
        """The triggers without an end, oldest first."""
        ended_ids = self._names(_ENDED)
        return self._entries(name for name in self._names(_WAITING) if name not in ended_ids)

    def entries(self, last: int) -> list[Entry]:
        """All that wait, and the `last` that ended, oldest first."""
        triggers = self._entries(self._names(_WAITING))
        entries = [replace(entry, ended=self.ended(entry.id)) for entry in triggers]
        newest = sorted((entry.ended.at, entry.id) for entry in entries if entry.ended)
        ids = {name for _, name in newest[-last:]} if last else set[str]()
        return [entry for entry in entries if entry.ended is None or entry.id in ids]

    def ended(self, name: str) -> Ended | None:
        """How the trigger ended; None while it waits."""
        try:
            stored = self._objects.read(f"{_ENDED}{name}.json")
            return Ended.load(parse_json(stored.data)) if stored else None
        except _DAMAGED:
            return Ended(TriggerOutcome.FAILED, "", why="the record of its end is damaged")

    def end(self, entry: Entry, ended: Ended) -> None:
        """Store how a trigger ended; the first end stays."""
        with step("end"):
            self._objects.create(f"{_ENDED}{entry.id}.json", _dump(asdict(ended)))

    @contextmanager
    def turn(self, wait: float = _POLL) -> Iterator[bool]:
        """Whether it is this process's turn to release what waits.

        `wait` is how many seconds to wait for another process's turn; the kernel ends that of a dead one.
        """
        lock = FileLock(touch_private(self.folder / "turn.lock"))
        try:
            lock.acquire(timeout=wait, poll_interval=_POLL)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def note_running(self, entries: list[Entry]) -> None:
        """Note which triggers this process takes into a release, for `running`."""
        holder = this_process(f"release of {len(entries)} triggers", 0)
        names = [entry.id for entry in entries]
        write_private(self.folder / "running.json", json.dumps({"holder": asdict(holder), "names": names}))

    def running(self) -> tuple[Holder | None, set[str]]:
        """The process that releases now, and the ids of the triggers that it has taken."""
        try:
            values = parse_json((self.folder / "running.json").read_bytes())
            holder, names = Holder.load(values["holder"]), {require_text(name) for name in values["names"]}
        except (OSError, *_DAMAGED):
            return None, set()
        return (None, set()) if holder.is_dead else (holder, names)

    def note_idle(self) -> None:
        """Note that this process releases nothing any more."""
        (self.folder / "running.json").unlink(missing_ok=True)

    def prune(self, kept_seconds: float = KEPT_SECONDS) -> None:
        """Delete triggers that ended long ago, and the halves of files that a killed process left.

        The trigger goes first: what is killed in between must not leave it waiting again.
        """
        oldest = time.time() - kept_seconds
        for name in self._names(_ENDED):
            end = self.folder / f"{_ENDED}{name}.json"
            if _mtime(end) < oldest:
                (self.folder / f"{_WAITING}{name}.json").unlink(missing_ok=True)
                end.unlink(missing_ok=True)
        for part in self.folder.glob("*/.*.part"):
            if _mtime(part) < oldest:
                part.unlink(missing_ok=True)

    @property
    def _objects(self) -> FileObjects:
        return FileObjects(self.folder)

    def _names(self, prefix: str) -> set[str]:
        """The names of the files below `prefix`; links, folders and pipes are none of the queue's.

        Raises:
            TandemError: the folder cannot be read.
        """
        folder = self.folder / prefix
        try:
            with os.scandir(folder) as files:
                names = [file.name for file in files if file.is_file(follow_symlinks=False)]
        except FileNotFoundError:
            return set()
        except OSError as error:
            raise TandemError(f"cannot list {folder}: {error.strerror}", hint=f"ls -la {folder}") from error
        return {name.removesuffix(".json") for name in names if name.endswith(".json")}

    def _entries(self, names: Iterator[str] | set[str]) -> list[Entry]:
        entries = [Entry(name, self._trigger(name)) for name in names]
        return sorted(entries, key=lambda entry: (entry.trigger.at, entry.id))

    def _trigger(self, name: str) -> Trigger:
        try:
            stored = self._objects.read(f"{_WAITING}{name}.json")
            return Trigger.load(parse_json(stored.data if stored else b""))
        except _DAMAGED:
            # It says no more than that something moved; the release reads the heads anyway.
            return Trigger("a damaged trigger", "unknown", "")


def new_trigger(way: str, source: Source | None = None, before: str = "", after: str = "") -> Trigger:
    """A trigger of now, by the user of this process."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Trigger(way, author(), at, source, before, after)


def ended_now(outcome: TriggerOutcome, *, release: int = 0, why: str = "", hint: str = "") -> Ended:
    """An end of now."""
    return Ended(outcome, now(), release, why, hint)


def _mtime(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def _dump(values: dict[str, Any]) -> bytes:
    return (json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
