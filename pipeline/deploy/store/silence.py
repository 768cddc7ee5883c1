"""Watches the holder of a lock for a sign of life, by this machine's monotonic clock only."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.deploy.store.state import EnvironmentState

_LOOK = 1.0  # seconds that one look at the lock may count for, at least


@dataclass
class Observation:
    """What one run has seen of the lock, look by look. No wall clock plays a part."""

    monotonic: Callable[[], float] = time.monotonic
    last_state: EnvironmentState | None = None
    silence: float = 0.0
    """Seconds for which this process has watched the holder and seen no renewal."""
    _last_look: float = 0.0

    def look(self, current: EnvironmentState) -> None:
        """Note the state of the lock as it is now."""
        now = self.monotonic()
        if self.last_state is None or _sign_of_life(current) != _sign_of_life(self.last_state):
            self.last_state, self.silence = current, 0.0
        else:
            self.silence += min(now - self._last_look, _longest_gap(current))
        self._last_look = now

    def is_over(self, current: EnvironmentState) -> bool:
        """Look at the lock; whether its holder is dead, or was seen silent for longer than its lease."""
        holder = current.holder
        if holder is None or holder.is_dead:
            return True
        self.look(current)
        return self.silence > holder.expires_after


def _sign_of_life(current: EnvironmentState) -> object:
    """Equal for two states only if the holder has not renewed the lock in between."""
    return current.token, current.holder


def _longest_gap(current: EnvironmentState) -> float:
    """What the time between two looks may count for, at most.

    After a suspension both runs of a machine wake up at once: the holder must get the time to renew.
    """
    return max(_LOOK, current.holder.expires_after / 4 if current.holder else 0.0)
