"""Environments side by side: this API's own, and the others that `tandem console` tells it to read."""

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from console import views
from console.objects import VARIABLE as RELEASES
from console.objects import FolderObjects, UnreadableError, objects_at
from console.observe import logger
from console.queue import Queue
from console.store import Store

NAME, OTHERS = "TANDEM_ENVIRONMENT", "TANDEM_ENVIRONMENTS"
_AT_ONCE = 8
_UNREADABLE = "Its releases cannot be read now."


def own_name() -> str:
    """The name of this API's environment: TANDEM_ENVIRONMENT, else the last part of the releases' prefix."""
    return os.environ.get(NAME) or os.environ.get(RELEASES, "").rstrip("/").rpartition("/")[2]


class Environment:
    """Another environment: its releases, and its queue on this machine; or why it cannot be read."""

    def __init__(self, details: Mapping[str, str]) -> None:
        self.name = details["name"]
        self._details = details
        self._store: Store | None = None

    def row(self) -> dict[str, Any]:
        """What runs there and waits; with a `problem` nothing else is known."""
        if self._details.get("problem"):
            return {**_EMPTY, "name": self.name, "problem": self._details["problem"]}
        if self._store is None:
            self._store = Store(objects_at(self._details["releases"], self._details.get("region", "")))
        queue = Queue(FolderObjects(Path(self._details["queue"])), "")
        return row(self.name, self._store, queue, is_own=False)


@cache
def others() -> list[Environment]:
    """Those of TANDEM_ENVIRONMENTS, a list in JSON: `name`, `releases`, `region`, `queue`, `problem`."""
    return [Environment(details) for details in json.loads(os.environ.get(OTHERS, "[]"))]


def rows(store: Store, queue: Queue) -> list[dict[str, Any]]:
    """This API's own environment, and after it the others by name."""
    own = row(own_name(), store, queue, is_own=True)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [own, *pool.map(_row, sorted(others(), key=lambda each: each.name))]


def _row(environment: Environment) -> dict[str, Any]:
    try:
        return environment.row()
    except UnreadableError as error:
        logger.warning("the releases of %s cannot be read: %s", environment.name, error)
        return {**_EMPTY, "name": environment.name, "problem": _UNREADABLE}


_EMPTY: Mapping[str, Any] = {
    "own": False,
    "problem": "",
    "waiting": 0,
    "why": "",
    "commits": {},
    **views.status({}, None),
}


def row(name: str, store: Store, queue: Queue, *, is_own: bool) -> dict[str, Any]:
    """One environment: its status, its current release's commits, and how many triggers wait here."""
    status = views.status(store.state(), next(iter(store.last()), None))
    release = store.manifest(status["current"]) if status["current"] else None
    release_fields = {"why": release["why"], "commits": release["commits"]} if release else {}
    waiting, _ = queue.triggers()
    return {**_EMPTY, **status, **release_fields, "name": name, "own": is_own, "waiting": len(waiting)}
