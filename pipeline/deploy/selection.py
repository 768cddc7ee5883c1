"""Choose the commit and the image of each source: the head's, or older ones where a head is left out."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.deploy.fit import fit
from pipeline.deploy.manifest import Release
from pipeline.deploy.session import Session
from pipeline.deploy.store.holds import Holds, apply_holds
from pipeline.git.removal import removal
from pipeline.images.builder import PARTS


@dataclass(frozen=True)
class Choice:
    """What a release can choose from; `tried` says for heads that it leaves out why."""

    heads: Mapping[Source, Commit]
    holds: Holds
    tried: Mapping[Source, str] = field(default_factory=dict)
    may_remove: bool = False


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

    @contextmanager
    def named_in_errors(self) -> Iterator[None]:
        """Name the heads that are left out in an error of the block, which older commits may have caused."""
        try:
            yield
        except TandemError as error:
            if not self.left_out:
                raise
            notes = "".join(f"\n  {source}: {why}" for source, why in sorted(self.left_out.items()))
            raise TandemError(f"{error.message}{notes}", hint=error.hint) from error


def wanted_commits(session: Session) -> Mapping[Source, Commit]:
    """The commits that a release would have now: the heads, but for the sources on hold and those that wait.

    Raises:
        TandemError: a source cannot be read, or heads that were never released do not fit.
    """
    heads, store = session.heads(), session.store
    commits = apply_holds(heads, store.state().holds, session.environment)[0]
    return fit(commits, store.current(), session.unmet)[0]


def select(session: Session, choice: Choice, current: Release | None) -> Selection:
    """Build the images of the heads; what does not build keeps its commit and image of `current`.

    So do sources that were tried before, and content whose head removes most of it, unless it may.

    Raises:
        TandemError: something does not build, and `current` has nothing to take its place.
    """
    unheld, held = apply_holds(choice.heads, choice.holds, session.environment)
    failed = {source: why for source, why in choice.tried.items() if source not in held}
    if current:
        unheld = {**unheld, **{source: current.commits[source] for source in failed}}
    commits, waiting = fit(unheld, current, session.unmet)
    refusal = None if choice.may_remove or current is None else _removal_error(session, current, commits)
    if refusal and current:
        commits[Source.STATIC] = current.commits[Source.STATIC]
    builder, running = session.images(), current.images if current else {}
    results = builder.try_images(commits, running)
    errors = {name: result for name, result in results.items() if isinstance(result, TandemError)}
    images = {name: result for name, result in results.items() if isinstance(result, ImageRef)}
    if refusal:
        failed[Source.STATIC] = refusal.message
    for name, error in errors.items():
        if current is None or name not in running:
            raise error
        images[name] = running[name]
        for source in PARTS[name]:
            is_moved = commits[source].id != current.commits[source].id
            what = "is left out" if is_moved else "keeps its image"
            failed[source] = f"{commits[source].short} {what}: {error.message}"
            commits[source] = current.commits[source]
    if failed and current:  # what fits the head that failed may not fit what stays in its place
        commits, more = fit(commits, current, session.unmet)
        waiting |= more
        images |= {name: running[name] for name in results if set(PARTS[name]) & set(more)}
    images = {name: images[name] for name in results}  # in the same order as without errors
    first = refusal or next(iter(errors.values()), None)
    return Selection(commits, builder.with_site(images), {**held, **waiting}, failed, first)


def _removal_error(
    session: Session, current: Release, commits: Mapping[Source, Commit]
) -> TandemError | None:
    """The error if the content's head removes most of the released files; else None."""
    released, head = current.commits.get(Source.STATIC), commits[Source.STATIC]
    if released is None or released.id == head.id:
        return None
    try:
        change = removal(session.project, released, head)
    except TandemError:
        return None  # the released commit is gone, as after a force-push; or the build reports the head
    if not change.is_mass:
        return None
    command = f"tandem release --env {session.environment} --allow-removal"
    return TandemError(
        f"{head.short} is left out: it {change}; if that is intended: {command}",
        hint=f"push the content again, or, if that is intended: {command}",
    )
