"""Keep what terraform read from a state, until the state's object in the bucket is another.

A command of terraform takes half a second to read a state, a question about its object some milliseconds.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.core.private_files import write_private


@dataclass(frozen=True)
class StateCache:
    """Values read from one state, in files of `folder`.

    `version` names the state's present object; an empty text if that is unknown, and nothing is kept then.
    """

    folder: Path
    version: Callable[[], str]

    def read(self, name: str, fresh: Callable[[], Any], *, may_keep: Callable[[Any], bool]) -> Any:  # noqa: ANN401 - JSON
        """The JSON value `name` of the state as it is now: the kept one, or that of `fresh`.

        What `may_keep` refuses is not written to a file.
        """
        # Before the reading: what another run writes in between makes the next question differ.
        version = self.version()
        entry = self._entry(name)
        if version and entry.get("version") == version:
            return entry["value"]
        value = fresh()
        if may_keep(value):
            self._keep(name, version, value)
        return value

    def keep(self, name: str, value: Any) -> None:  # noqa: ANN401 - JSON
        """Keep the JSON value `name` of the state as it is now; nobody else may change it meanwhile."""
        self._keep(name, self.version(), value)

    def _keep(self, name: str, version: str, value: Any) -> None:  # noqa: ANN401 - JSON
        if version:
            with suppress(OSError):
                write_private(self._file(name), json.dumps({"version": version, "value": value}))

    def _entry(self, name: str) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            entry = json.loads(self._file(name).read_text(encoding="utf-8"))
            if isinstance(entry, dict) and "value" in entry:
                return entry
        return {}

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.json"
