"""The destroy verb: delete all resources of an environment, which the command confirms by name.

The release root goes first, for its tasks and functions use the platform. The lock lies in a bucket of the
platform: it is held until that is gone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pipeline.aws.client_errors import ClientError, status
from pipeline.core.errors import TandemError
from pipeline.core.paths import TERRAFORM
from pipeline.core.steps import step
from pipeline.deploy.manifest import Release
from pipeline.deploy.session import WAIT, Session
from pipeline.deploy.store import lock
from pipeline.deploy.store.lease import renewals
from pipeline.terraform.environment_paths import environment_files
from pipeline.terraform.root import TerraformRoot
from pipeline.terraform.stateful import losses
from pipeline.terraform.variable_values import variable_values

_REGISTRY = "module.registry"


@dataclass(frozen=True)
class Teardown:
    """What `destroy` deletes: addresses by root, and what is lost with some of them."""

    environment: str
    addresses: tuple[tuple[str, str], ...]
    losses: tuple[str, ...]

    def lines(self) -> list[str]:
        """The resources, and what is lost with them, for people."""
        return [*(f"{root}: {address}" for root, address in self.addresses), *self.losses]


def require_destroyable(session: Session) -> None:
    """Check what can be checked before anything is planned.

    Raises:
        TandemError: the environment is local, names no account, is protected, or shares its repositories.
    """
    name = session.environment
    if session.is_local:
        raise TandemError("the local environment has nothing in AWS", hint="tandem down")
    if not session.project.settings.environments[name].account_id:
        raise TandemError(
            f"{name} may be any account: environments.{name}.account_id is empty",
            hint=f"set account_id under [environments.{name}] in tandem.toml, and run the command again",
        )
    if _is_protected(session):
        raise TandemError(
            f"{name} is protected from deletion",
            hint=f"set deletion_protection = false in terraform/envs/{name}.tfvars, "
            f"then `tandem apply --env {name}`; then `tandem destroy --env {name}`",
        )
    if sharing := _sharing_repositories(session):
        raise TandemError(
            f"{', '.join(sharing)} uses the image repositories of {name}",
            hint=f"set create_repositories = true in terraform/envs/{sharing[0]}.tfvars, "
            f"then: tandem apply --env {sharing[0]}",
        )


def teardown(session: Session) -> Teardown:
    """What `destroy` would delete; nothing is changed. TandemError if Terraform cannot plan it."""
    plans = [(root.folder.name, root.plan(destroy=True)) for root in _roots(session)]
    return Teardown(
        session.environment,
        tuple((name, change.address) for name, plan in plans for change in plan.resources),
        tuple(f"lost with {loss.address}: {loss.what}" for _, plan in plans for loss in losses(plan)),
    )


def destroy(session: Session) -> None:
    """Delete all resources of both roots. Safe to run again if it was interrupted.

    Raises:
        TandemError: another run holds the lock, or Terraform fails.
    """
    require_destroyable(session)
    roots = _roots(session)
    with _locked(session), step("destroy"):
        for root in roots:
            if root.folder.name == "platform":
                # Repositories refuse to go with images in them, until Terraform has noted that they may.
                root.apply(target=_REGISTRY)
            root.destroy()


def _roots(session: Session) -> list[TerraformRoot]:
    """The roots in the order in which they go; without the release root if nothing was released."""
    release = _latest_release(session)
    platform = session.platform_root.with_variables(delete_images=True)
    return [*([session.release_root(release)] if release else []), platform]


def _latest_release(session: Session) -> Release | None:
    return session.store.latest() if _has_store(session) else None


def _has_store(session: Session) -> bool:
    """Whether the bucket of releases is there: an interrupted `destroy` may have deleted it."""
    bucket = session.platform_root.output().get("releases_bucket")
    try:
        return bool(bucket and session.aws.client("s3").head_bucket(Bucket=bucket))
    except ClientError as error:
        if status(error) == 404:  # noqa: PLR2004
            return False
        raise


@contextmanager
def _locked(session: Session) -> Iterator[None]:
    """Hold the environment's lock; it is released only if the block fails, for otherwise it is deleted."""
    if not _has_store(session):
        yield
        return
    objects = session.store.objects
    lease = lock.acquire(objects, "destroy", wait=WAIT)
    try:
        with renewals(lease):
            yield
    except BaseException:
        if _has_store(session):
            lock.release(objects, lease.token)
        raise


def _is_protected(session: Session) -> bool:
    """Whether the platform is protected, by what was applied or by what would be applied next."""
    outputs = session.platform_root.output()
    values = _values(session, session.environment, "deletion_protection")
    return bool(values["deletion_protection"] or outputs.get("deletion_protection", bool(outputs)))


def _sharing_repositories(session: Session) -> list[str]:
    """The other environments of the same account that use this one's repositories."""
    own = _values(session, session.environment, "repositories_per_environment", "create_repositories")
    if own["repositories_per_environment"] or not own["create_repositories"]:
        return []
    environments = session.project.settings.environments
    account = environments[session.environment].account_id
    return [
        name
        for name, other in sorted(environments.items())
        if name != session.environment
        and other.account_id in {"", account}
        and not _values(session, name, "create_repositories")["create_repositories"]
    ]


def _values(session: Session, environment: str, *names: str) -> dict[str, bool]:
    """Variables of an environment's platform, from its tfvars."""
    files = environment_files(session.project, environment, "platform")
    return variable_values(TERRAFORM / "platform", names, files)
