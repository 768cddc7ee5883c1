"""What asked for a release: a push, a delivery of a webhook, a schedule."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from pipeline.core.json_text import typed
from pipeline.core.values import Source

_SHORT = 10
RECONCILE = "reconcile"
"""The way of a trigger that nobody sent: a schedule saw that a head has moved."""


@dataclass(frozen=True)
class Trigger:
    """Something moved; `way` says how that became known, such as `git hook` or `GitHub`.

    `before` and `after` are full commit ids of `source`; each is empty if it is not known. `at` is ISO 8601
    in UTC. A release reads all heads itself: a trigger explains a release and does not choose its commits.
    """

    way: str
    by: str
    at: str
    source: Source | None = None
    before: str = ""
    after: str = ""

    @property
    def title(self) -> str:
        """What moved, for messages: `push to app 0123456789..abcdef0123`."""
        if self.source is None:
            return self.way
        commits = "..".join(commit[:_SHORT] for commit in (self.before, self.after) if commit)
        return f"push to {self.source}{' ' if commits else ''}{commits}"

    def __str__(self) -> str:
        """The title, who pushed and how that became known."""
        return f"{self.title} by {self.by} ({self.way})" if self.source else f"{self.way} by {self.by}"

    def to_dict(self) -> dict[str, Any]:
        """The trigger as JSON values."""
        return {**asdict(self), "source": self.source.value if self.source else None}

    @classmethod
    def load(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; ValueError, KeyError or TypeError if it is damaged."""
        source = values["source"]
        return cls(**typed(cls, values, source=Source(source) if source else None))
