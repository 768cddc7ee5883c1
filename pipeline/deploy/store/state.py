"""One small object per environment: which release runs, and who may change that.

Lock and `current` share an object on purpose: a holder that comes back after its lock was taken cannot
move `current`, because the very write that would move it finds another token.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from pipeline.core.errors import TandemError
from pipeline.deploy.store.objects import Objects

KEY = "state.json"
_TRIES = 50


@dataclass(frozen=True)
class Holder:
    """Who holds the lock. Times are seconds since the epoch by the holder's clock."""

    who: str
    what: str
    host: str
    machine: str
    process: int
    process_began: str
    since: float
    renewed: float
    expires_after: float


@dataclass(frozen=True)
class EnvironmentState:
    """`token` grows with every acquisition, and never shrinks.

    `cut_off` is the token of the last run that held the lock, if that did not come to its own end; else 0.
    """

    current: int | None = None
    token: int = 0
    holder: Holder | None = None
    cut_off: int = 0

    def dump(self) -> bytes:
        # The nonce makes each write distinct, so that a repeated write can tell itself from another's.
        return (
            json.dumps({**asdict(self), "nonce": uuid.uuid4().hex}, indent=2, sort_keys=True) + "\n"
        ).encode()

    @classmethod
    def load(cls, data: bytes) -> Self:
        """TandemError if the object is damaged."""
        try:
            values: Mapping[str, Any] = json.loads(data)
            holder = Holder(**values["holder"]) if values["holder"] else None
            return cls(values["current"], values["token"], holder, values.get("cut_off", 0))
        except (ValueError, KeyError, TypeError) as error:
            raise TandemError(
                f"the environment's {KEY} is damaged: {error!r}", hint="tandem doctor"
            ) from error


def read(objects: Objects) -> EnvironmentState:
    found = objects.read(KEY)
    return EnvironmentState.load(found.data) if found else EnvironmentState()


def change(
    objects: Objects, decide: Callable[[EnvironmentState], EnvironmentState | None]
) -> EnvironmentState:
    """Replace the state by what `decide` makes of it, atomically; TandemError if too many write at once."""
    for _ in range(_TRIES):
        found = objects.read(KEY)
        state = EnvironmentState.load(found.data) if found else EnvironmentState()
        wanted = decide(state)
        if wanted is None or wanted == state:
            return state
        data = wanted.dump()
        written = objects.replace(KEY, data, found.tag) if found else objects.create(KEY, data)
        if written:
            return wanted
    raise TandemError(f"{KEY} is being changed by too many at once", hint="run the command again")
