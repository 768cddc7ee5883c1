"""What would be released if it were done now, and how that differs from what runs."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from pipeline.aws import secrets
from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.deploy import ephemeral_storage as storage
from pipeline.deploy import live as running
from pipeline.deploy import plan
from pipeline.deploy.compose import compose
from pipeline.deploy.manifest import Release
from pipeline.deploy.session import Session
from pipeline.git import sources
from pipeline.terraform.roots import Terraform


def candidate(session: Session, commits: Mapping[Source, Commit], current: Release) -> Release:
    """The release of `commits`, with the images of `current`: what moved is not built yet."""
    settings = session.project.settings
    made = compose(
        settings,
        session.environment,
        session.platform,
        commits,
        current.images,
        why="a plan",
        app_secret_versions=secrets.versions(settings.task.secrets),
        api_secret_versions=secrets.versions(settings.api.secrets),
        storage_bytes=storage.needed(current.images, settings.task.layout),
    )
    number = current.number if made.content() == current.content() else current.number + 1
    return replace(made, number=number)


def heads(session: Session) -> dict[Source, Commit]:
    """The commit at the head of each source."""
    with ThreadPoolExecutor(len(Source)) as pool:
        found = pool.map(lambda source: sources.head(session.project, source), Source)
        return dict(zip(Source, found, strict=True))


def current(session: Session) -> Release:
    """What runs by the store's word; TandemError before the first release."""
    found = session.store.current()
    if found is None:
        raise TandemError(
            f"nothing was released in {session.environment} yet",
            hint=f"tandem release --env {session.environment}",
        )
    return found


def preview(session: Session) -> plan.Plan:
    """Everything that `tandem apply` would change now; nothing is built and nothing is changed."""
    if not session.platform_root.output():
        return plan.Plan((), (), (), tuple(_terraform("platform", session.platform_root)))
    commits, released = heads(session), session.store.current()
    moved = plan.moved(
        released, commits, lambda *between: sources.changed_subjects(session.project, *between)
    )
    if released is None:
        return plan.Plan(tuple(moved), (), (), tuple(_terraform("platform", session.platform_root)))
    wanted = candidate(session, commits, released)
    return plan.Plan(
        moved=tuple(moved),
        fields=tuple(plan.fields(released, wanted)),
        by_hand=tuple(plan.by_hand(released, running.look(session.platform))),
        terraform=tuple(_both_roots(session, released, wanted)),
    )


def _both_roots(session: Session, released: Release, wanted: Release) -> list[plan.Resource]:
    try:
        release = session.release_root(wanted)
        with ThreadPoolExecutor() as pool:
            found = pool.map(_terraform, ("platform", "release"), (session.platform_root, release))
            return [resource for resources in found for resource in resources]
    finally:
        # The release root's variables stay those of what was released: `make plan` reads them, too.
        session.release_root(released)


def _terraform(name: str, root: Terraform) -> list[plan.Resource]:
    return [plan.Resource(name, change.address, change.how) for change in root.plan().resources]
