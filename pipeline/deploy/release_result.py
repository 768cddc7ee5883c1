"""The outcome of the release verb as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.core.values import Source
from pipeline.deploy.manifest import Release


@dataclass(frozen=True)
class ReleaseResult:
    """The current release, and whether this run has applied it.

    `held` and `failed` say for each source whose head was left out why: on hold, or it does not build. `same`
    says which heads change nothing that a build reads.
    """

    release: Release
    is_new: bool
    held: Mapping[Source, str] = field(default_factory=dict)
    failed: Mapping[Source, str] = field(default_factory=dict)
    same: Mapping[Source, str] = field(default_factory=dict)
    waits: bool = False
    """Whether `release` is stored and waits for an approval."""

    def notes(self) -> list[str]:
        """A line for each source whose head was left out."""
        reasons = {**self.same, **self.held, **self.failed}
        return [f"{source}: {why}" for source, why in sorted(reasons.items())]
