"""The triggers that wait, run, or have ended: read from the queue's documents."""

import json
import os
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

from console.objects import FolderObjects, Objects, connect
from console.views import for_visitors

VARIABLE = "TANDEM_QUEUE"
_WAITING, _ENDED, _RUNNING = "triggers/", "ended/", "running.json"
_KEPT, _AT_ONCE, _SHORT = 1024, 16, 10
_PUBLIC = ("way", "at", "source", "before", "after")

# How the deployment of a release ended, and what that is for its triggers.
_STATES = {"succeeded": "released", "started": "runs", "waiting": "waits", "approved": "waits"}

Document = Mapping[str, Any]


class Queue:
    """Reads the triggers; they never change and are read once per process."""

    def __init__(self, objects: Objects, prefix: str) -> None:
        self._objects, self._prefix = objects, prefix
        self._cached_read = lru_cache(_KEPT)(self._read)

    @classmethod
    def connect(cls) -> "Queue":
        """The queue in the folder that TANDEM_QUEUE names, else the one beside the releases."""
        folder = os.environ.get(VARIABLE, "")
        return cls(FolderObjects(Path(folder)), "") if folder else cls(connect(), "queue/")

    @property
    def is_here(self) -> bool:
        """Whether it is the queue's own folder; beside the releases only the local stack copies it."""
        return not self._prefix

    def triggers(self) -> tuple[list[Document], list[Document]]:
        """The triggers that wait or run, oldest first, and those that ended, newest first, with their end."""
        names, ended = self._names(_WAITING), set(self._names(_ENDED))
        documents = zip(names, self._all(_WAITING, names), strict=True)
        triggers = {name: trigger for name, trigger in documents if trigger}
        ends = dict(zip(ended, self._all(_ENDED, list(ended)), strict=True))
        waiting = [{**trigger, "name": name} for name, trigger in triggers.items() if name not in ended]
        done = [{**trigger, "end": ends[name]} for name, trigger in triggers.items() if ends.get(name)]
        return (
            sorted(waiting, key=lambda each: str(each["at"])),
            sorted(done, key=lambda each: str(each["end"]["at"]), reverse=True),
        )

    def running(self) -> set[str]:
        """The names of the triggers that a release has taken."""
        try:
            return set(json.loads(self._objects.read(self._prefix + _RUNNING) or b"{}").get("names", ()))
        except (ValueError, AttributeError, TypeError):
            return set()

    def _names(self, folder: str) -> list[str]:
        prefix = self._prefix + folder
        return [key.removeprefix(prefix).removesuffix(".json") for key in self._objects.keys(prefix)]

    def _all(self, folder: str, names: list[str]) -> list[Document | None]:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(lambda name: self._one(f"{self._prefix}{folder}{name}.json"), names))

    def _one(self, key: str) -> Document | None:
        """A document; None if it is gone or damaged: the queue forgets what ended long ago."""
        try:
            return self._cached_read(key)
        except (FileNotFoundError, ValueError):
            return None

    def _read(self, key: str) -> Document:
        data = self._objects.read(key)
        if data is None:
            raise FileNotFoundError(key)
        document: Document = json.loads(data)
        if not isinstance(document, Mapping) or not isinstance(document.get("at"), str):
            raise ValueError(key)  # noqa: TRY004 - damaged, whatever it is instead
        return document


def waiting(trigger: Document, *, runs: bool, shows_names: bool) -> dict[str, Any]:
    """A trigger without an end."""
    return {**_trigger(trigger, shows_names=shows_names), "state": "runs" if runs else "waits"}


def ended(trigger: Document, *, shows_names: bool) -> dict[str, Any]:
    """A trigger with its end."""
    end = trigger["end"]
    return {
        **_trigger(trigger, shows_names=shows_names),
        "state": end.get("outcome", "failed"),
        "ended": end["at"],
        "release": end.get("release") or None,
        "why": for_visitors(str(end.get("why", ""))),
    }


def of_release(
    manifest: Document, ended: Document, identities: Collection[tuple[Any, ...]], *, shows_names: bool
) -> list[dict[str, Any]]:
    """The triggers that a release took in, as its manifest names them; those in `identities` are left out.

    `ended` is how its deployment ended. So triggers are known whose queue was on another machine.
    """
    return [
        {
            **_trigger(trigger, shows_names=shows_names),
            "state": _STATES.get(ended["outcome"], "failed"),
            "ended": ended["at"],
            "release": manifest["number"],
            "why": "" if ended["outcome"] in _STATES else ended["reason"],
        }
        for trigger in manifest.get("triggers") or ()
        if identity(trigger) not in identities
    ]


def identity(trigger: Document) -> tuple[Any, ...]:
    """What tells one trigger from others."""
    return tuple(trigger.get(key) for key in _PUBLIC)


def _trigger(trigger: Document, *, shows_names: bool) -> dict[str, Any]:
    fields = {key: trigger.get(key) for key in _PUBLIC}
    return {"title": _title(trigger), **fields, **({"by": trigger.get("by")} if shows_names else {})}


def _title(trigger: Document) -> str:
    if not trigger.get("source"):
        return str(trigger.get("way", ""))
    commits = "..".join(str(trigger[key])[:_SHORT] for key in ("before", "after") if trigger.get(key))
    return f"push to {trigger['source']} {commits}".rstrip()
