"""One small object per environment: the number of the current release, and the holder of the lock.

Both are in one object on purpose: a process whose lock was taken over cannot change `current`, because its
compare-and-swap fails on the new token.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from pipeline.core.errors import TandemError
from pipeline.core.json_text import damage, parse_json, require_number, require_text
from pipeline.core.values import Source
from pipeline.deploy.store import holds
from pipeline.deploy.store.holder import Holder
from pipeline.deploy.store.holds import Holds
from pipeline.deploy.store.objects import Objects

KEY = "state.json"
_TRIES = 50


@dataclass(frozen=True)
class EnvironmentState:
    """`current` is the number of the current release; `token` grows with each acquisition of the lock.

    `cut_off` is the token of the last run that held the lock, if it was killed or failed; else 0. `holds` are
    the sources whose heads are not released. `same` has the commit id of each source whose head changes
    nothing that a build reads: its images are those of the current release.
    """

    current: int | None = None
    token: int = 0
    holder: Holder | None = None
    cut_off: int = 0
    holds: Holds = field(default_factory=dict)
    same: Mapping[Source, str] = field(default_factory=dict)

    def dump(self) -> bytes:
        """The state as JSON."""
        # The nonce makes each write unique: a repeated write recognises its own data.
        own = {"same": dict(self.same), "holds": holds.dump(self.holds), "nonce": uuid.uuid4().hex}
        values = {**asdict(replace(self, holds={})), **own}
        return (json.dumps(values, indent=2, sort_keys=True) + "\n").encode()

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Read what `dump` wrote; TandemError if it is damaged."""
        try:
            values: Mapping[str, Any] = parse_json(data)
            holder = Holder.load(values["holder"]) if values["holder"] else None
            source_holds = holds.load(values.get("holds", {}))
            same = values.get("same", {}).items()
            return cls(
                None if values["current"] is None else require_number(values["current"]),
                require_number(values["token"]),
                holder,
                require_number(values.get("cut_off", 0)),
                source_holds,
                {Source(source): require_text(commit) for source, commit in same},
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise TandemError(
                f"the environment's {KEY} is damaged: {damage(error)}", hint="tandem doctor"
            ) from error


def read(objects: Objects) -> EnvironmentState:
    """The environment's state; TandemError if it is damaged or cannot be read."""
    stored = objects.read(KEY)
    return EnvironmentState.load(stored.data) if stored else EnvironmentState()


def change(
    objects: Objects, decide: Callable[[EnvironmentState], EnvironmentState | None]
) -> EnvironmentState:
    """Replace the state by `decide(state)`, atomically; returns the state after that.

    `decide` is called again if another process has changed the state. None leaves it unchanged.

    Raises:
        TandemError: too many processes change the state at once, or `decide` raises it.
    """
    for _ in range(_TRIES):
        stored = objects.read(KEY)
        state = EnvironmentState.load(stored.data) if stored else EnvironmentState()
        new_state = decide(state)
        if new_state is None or new_state == state:
            return state
        data = new_state.dump()
        is_written = objects.replace(KEY, data, stored.tag) if stored else objects.create(KEY, data)
        if is_written:
            return new_state
    raise TandemError(f"{KEY} is being changed by too many at once", hint="run the command again")
