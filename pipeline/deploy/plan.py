"""The plan verb: the changes that a release would make. Nothing is built or changed."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

from pipeline.core.errors import TandemError
from pipeline.core.platform import Platform
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
from pipeline.deploy.first_release import planned_platform, planned_release
from pipeline.deploy.live import read_live
from pipeline.deploy.manifest import Release
from pipeline.deploy.release import compose_release
from pipeline.deploy.selection import wanted_commits
from pipeline.deploy.session import Session
from pipeline.git import sources
from pipeline.images.bases.provide import IMAGE_BASES, known_tags
from pipeline.images.builder import PARTS, images_of
from pipeline.images.lookup import images_of_other_inputs
from pipeline.images.platforms import target_architecture
from pipeline.terraform.root import TerraformRoot
from pipeline.terraform.stateful import losses

_RELEASE_MAKES = (
    "task definitions, the service, the function with its version and alias, and the dashboard, "
    "which are not shown here"
)


def plan(session: Session) -> ReleasePlan:
    """Everything that `tandem apply` would change now; TandemError if a source or AWS cannot be read."""
    if not session.platform_root.output():
        changes = _changes("platform", session.platform_root)
        return _first(session, changes, session.heads, lambda: planned_platform(session))
    commits, current = wanted_commits(session), session.store.current()
    if current is None:
        changes = _changes("platform", session.platform_root)
        return _first(session, changes, lambda: commits, lambda: session.platform)
    moved = _moved(session, current, commits)
    next_release = candidate(session, commits, current)
    fields = changed_fields(current, next_release)
    builds = _images_to_build(session, moved, commits, current)
    has_new_tasks = replaces_task_definition(next_release.layout, builds, fields)
    return ReleasePlan(
        moved=tuple(moved),
        builds=builds,
        replaced_tasks=next_release.count if has_new_tasks else 0,
        fields=tuple(fields),
        by_hand=tuple(by_hand(current, read_live(session.aws, session.platform))),
        terraform=tuple(_both_roots(session, current, next_release)),
    )


def _first(
    session: Session,
    of_platform: list[RootChange],
    commits_of: Callable[[], Mapping[Source, Commit]],
    platform_of: Callable[[], Platform],
) -> ReleasePlan:
    """The plan before the first release: what the platform shows, and the release if it can be known."""
    moved: list[MovedSource] = []
    try:
        commits = commits_of()
        moved = _moved(session, None, commits)
        resources = planned_release(session, platform_of(), commits)
    except TandemError as error:
        notes = (f"{error.message.rstrip('.')}. The first release makes {_RELEASE_MAKES}", error.hint)
        return ReleasePlan(tuple(moved), (), (), tuple(of_platform), notes=notes)
    of_release = [RootChange("release", each.address, each.how, each.attributes) for each in resources]
    return ReleasePlan(
        moved=tuple(moved),
        builds=images_of(session.project.settings),
        fields=(),
        by_hand=(),
        terraform=(*of_platform, *of_release),
    )


def _moved(session: Session, current: Release | None, commits: Mapping[Source, Commit]) -> list[MovedSource]:
    return moved_sources(
        current, commits, lambda *between: sources.changed_subjects(session.project, *between)
    )


def _images_to_build(
    session: Session, moved: Sequence[MovedSource], commits: Mapping[Source, Commit], current: Release
) -> tuple[str, ...]:
    """The images whose sources have other content than the current release's, or that have other inputs."""
    changed = {item.source for item in moved if _has_other_content(session, item)}
    others = set() if session.gates.follows else _of_other_inputs(session, commits, current)
    return tuple(
        name for name in images_of(session.project.settings) if changed & set(PARTS[name]) or name in others
    )


def _of_other_inputs(session: Session, commits: Mapping[Source, Commit], current: Release) -> set[str]:
    """The images that the registry does not have of the inputs of now, as far as this machine can tell."""
    project = session.project
    bases = known_tags(project, session.stack.id, IMAGE_BASES, target_architecture(project))
    names: set[str] = set()
    with suppress(TandemError):  # a plan needs no registry
        names.update(images_of_other_inputs(project, session.repositories(), bases, commits, current.images))
    return names


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
    release = compose_release(session, commits, current.images, "a plan")
    number = current.number if release.content() == current.content() else current.number + 1
    return replace(release, number=number)


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
    loss_of = {loss.address: loss.what for loss in losses(planned)} if name == "platform" else {}
    return [
        RootChange(name, each.address, each.how, each.attributes, loss_of.get(each.address, ""))
        for each in planned.resources
    ]
