"""Time the pulls of one Docker client: when the last byte had arrived, and when the image was unpacked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

_ARRIVED = frozenset({"Download complete", "Verifying Checksum"})
_PRESENT = "Already exists"


@dataclass
class TimedPull:
    """One pull of an image, in monotonic seconds."""

    repository: str
    began: float
    downloaded: float
    """When the last layer's bytes had arrived; the beginning if none had to."""
    ended: float
    arrived: frozenset[str] = frozenset()
    """The layers whose bytes arrived."""
    present: frozenset[str] = frozenset()
    """The layers that the image store had already."""

    @property
    def is_cold(self) -> bool:
        """Whether every layer came from the registry."""
        return bool(self.arrived) and not self.present

    def note(self, line: Mapping[str, Any], at: float) -> None:
        """Take in one line of Docker's progress."""
        self.ended = at
        layer = str(line.get("id", ""))
        if line.get("status") in _ARRIVED:
            self.downloaded, self.arrived = at, self.arrived | {layer}
        elif line.get("status") == _PRESENT:
            self.present |= {layer}


@dataclass
class PullLog:
    """The pulls of one client since the last `clear`; threads pull at the same time."""

    pulls: list[TimedPull] = field(default_factory=list)

    def attach(self, client: Any) -> None:  # noqa: ANN401 - the stubs do not let a method be replaced
        """Time every pull through this `docker.DockerClient` from now on."""
        api, pull = client.api, client.api.pull

        def timed(repository: str, **options: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401
            began = monotonic()
            entry = TimedPull(repository, began, began, began)
            self.pulls.append(entry)
            for line in pull(repository, **options):
                entry.note(line, monotonic())
                yield line

        api.pull = timed

    def clear(self) -> None:
        """Forget the pulls so far."""
        self.pulls.clear()
