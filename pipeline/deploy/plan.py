"""The plan verb: the changes that a release would make. Nothing is built or changed."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.deploy.changes import (
    MovedSource,
    ReleasePlan,
    RootChange,
    by_hand,
    changed_fields,
    moved_sources,
    replaces_task_definition,
)
from pipeline.deploy.live import read_live
from pipeline.deploy.manifest import Release
from pipeline.deploy.release import compose_release
from pipeline.deploy.selection import wanted_commits
from pipeline.deploy.session import Session
from pipeline.git import sources
from pipeline.images.builder import PARTS, images_of
from pipeline.terraform.root import TerraformRoot
from pipeline.terraform.stateful import losses


def plan(session: Session) -> ReleasePlan:
    """Everything that `tandem apply` would change now; TandemError if a source or AWS cannot be read."""
    if not session.platform_root.output():
        return ReleasePlan((), (), (), tuple(_changes("platform", session.platform_root)))
    commits, current = wanted_commits(session), session.store.current()
    moved = moved_sources(
        current, commits, lambda *between: sources.changed_subjects(session.project, *between)
    )
    if current is None:
        return ReleasePlan(tuple(moved), (), (), tuple(_changes("platform", session.platform_root)))
    next_release = candidate(session, commits, current)
    fields = changed_fields(current, next_release)
    builds = _images_to_build(session, moved)
    has_new_tasks = replaces_task_definition(next_release.layout, builds, fields)
    return ReleasePlan(
        moved=tuple(moved),
        builds=builds,
        replaced_tasks=next_release.count if has_new_tasks else 0,
        fields=tuple(fields),
        by_hand=tuple(by_hand(current, read_live(session.aws, session.platform))),
        terraform=tuple(_both_roots(session, current, next_release)),
    )


def _images_to_build(session: Session, moved: Sequence[MovedSource]) -> tuple[str, ...]:
    """The images whose sources have other content than the current release's."""
    changed = {item.source for item in moved if _has_other_content(session, item)}
    return tuple(name for name in images_of(session.project.settings) if changed & set(PARTS[name]))


def _has_other_content(session: Session, moved: MovedSource) -> bool:
    try:
        before, after = (
            sources.tree_id(session.project, Commit(moved.source, commit, ""))
            for commit in (moved.before, moved.after)
        )
    except TandemError:
        return True  # the released commit is gone, as after a force-push
    return before != after


def candidate(session: Session, commits: Mapping[Source, Commit], current: Release) -> Release:
    """The release of `commits`, with the images of `current`: what moved is not built yet.

    Raises:
        TandemError: a secret is missing, or the task definition breaks a rule of Fargate.
    """
    composed = compose_release(session, commits, current.images, "a plan")
    number = current.number if composed.content() == current.content() else current.number + 1
    return replace(composed, number=number)


def require_current(session: Session) -> Release:
    """The current release; TandemError if nothing was released yet."""
    current = session.store.current()
    if current is None:
        raise TandemError(
            f"nothing was released in {session.environment} yet",
            hint=f"tandem release --env {session.environment}",
        )
    return current


def _both_roots(session: Session, current: Release, next_release: Release) -> list[RootChange]:
    try:
        release_root = session.release_root(next_release)
        with ThreadPoolExecutor() as pool:
            both = pool.map(_changes, ("platform", "release"), (session.platform_root, release_root))
            return [change for changes in both for change in changes]
    finally:
        # The release root's variables stay those of what was released: `make plan` reads them, too.
        session.release_root(current)


def _changes(name: str, root: TerraformRoot) -> list[RootChange]:
    planned = root.plan()
    lost = {loss.address: loss.what for loss in losses(planned)} if name == "platform" else {}
    return [
        RootChange(name, each.address, each.how, each.attributes, lost.get(each.address, ""))
        for each in planned.resources
    ]
