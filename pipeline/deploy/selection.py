"""Choose the commit and the image of each source: the head's, or older ones where a head is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.deploy.manifest import Release
from pipeline.deploy.session import Session
from pipeline.deploy.store.holds import Holds, apply_holds
from pipeline.images.builder import PARTS


@dataclass(frozen=True)
class Selection:
    """What is released.

    `held` and `failed` say for each source that was left out why. `error` is the first of those that failed.
    `same` says which heads change nothing that a build reads.
    """

    commits: Mapping[Source, Commit]
    images: Mapping[str, ImageRef]
    held: Mapping[Source, str]
    failed: Mapping[Source, str]
    error: TandemError | None = None
    same: Mapping[Source, str] = field(default_factory=dict)

    @property
    def left_out(self) -> dict[str, str]:
        """Why each source's head is not in the release."""
        return {source.value: why for source, why in {**self.held, **self.failed}.items()}


def wanted_commits(session: Session) -> Mapping[Source, Commit]:
    """The commits that a release would have now: the heads, but for the sources on hold."""
    return apply_holds(session.heads(), session.store.state().holds)[0]


def select(
    session: Session, heads: Mapping[Source, Commit], holds: Holds, current: Release | None
) -> Selection:
    """Build the images of `heads`; what does not build keeps its commit and image of `current`.

    Raises:
        TandemError: something does not build, and `current` has nothing to take its place.
    """
    commits, held = apply_holds(heads, holds)
    builder, running = session.builder(), current.images if current else {}
    results = builder.try_images(commits, running)
    errors = {name: result for name, result in results.items() if isinstance(result, TandemError)}
    images = {name: result for name, result in results.items() if isinstance(result, ImageRef)}
    failed: dict[Source, str] = {}
    for name, error in errors.items():
        if current is None or name not in running:
            raise error
        images[name] = running[name]
        for source in PARTS[name]:
            moved = commits[source].id != current.commits[source].id
            what = "is left out" if moved else "keeps its image"
            failed[source] = f"{commits[source].short} {what}: {error.message}"
            commits[source] = current.commits[source]
    # In the same order as without errors.
    chosen = {name: images[name] for name in results}
    return Selection(commits, builder.with_site(chosen), held, failed, next(iter(errors.values()), None))
