"""The doctor verb: diagnoses of tools, access, locks and unfinished work."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pipeline import registry
from pipeline.aws import client_errors
from pipeline.aws.client_errors import ClientError, explain_errors
from pipeline.aws.state_bucket import state_bucket
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.json_text import damage, parse_json
from pipeline.core.paths import TERRAFORM
from pipeline.deploy.account import account_checks
from pipeline.deploy.store import lock
from pipeline.deploy.store.holder import Holder
from pipeline.images import platforms
from pipeline.images.bases import pins
from pipeline.local.stack import docker_client
from pipeline.terraform import program, provider_lock
from pipeline.terraform.failures import unlock_command

if TYPE_CHECKING:
    from pipeline.deploy.session import Session

_SHOWN = 80  # characters of what a lock says
_GLANCE = 3.0  # seconds that a lock is watched


@dataclass(frozen=True)
class Diagnostic:
    """The result of one diagnosis: its subject, what was seen, and a hint if it is not ok."""

    ok: bool
    what: str
    seen: str
    hint: str = ""


def diagnose_tools() -> list[Diagnostic]:
    """Diagnose the programs that Tandem runs."""
    return [
        _diagnose("terraform", _terraform),
        _diagnose("providers", _providers),
        _diagnose("bases", _bases),
        _diagnose("git", _git),
        _diagnose("docker", _docker),
    ]


def diagnose_environment(session: "Session") -> list[Diagnostic]:
    """Diagnose access to the environment, its locks, releases and images."""
    return [
        _diagnose("processor", lambda: _processor(session)),
        _diagnose("access", lambda: _access(session)),
        _diagnose("platform", lambda: f"{session.platform.name} at {session.platform.url}"),
        _diagnose("lock", lambda: _lock(session)),
        *(
            _diagnose(f"terraform/{root} lock", partial(_state_lock, session, root))
            for root in ("platform", "release")
        ),
        _diagnose("releases", lambda: _releases(session)),
        _diagnose("images", lambda: _images(session)),
        *_account(session),
    ]


def _account(session: "Session") -> list[Diagnostic]:
    """Diagnose quotas, service-linked roles and names in the account."""
    try:
        checks = account_checks(session, is_made=_is_made(session))
    except TandemError as error:
        return [Diagnostic(ok=False, what="account", seen=error.message, hint=error.hint)]
    return [_diagnose(name, check) for name, check in checks.items()]


def _is_made(session: "Session") -> bool:
    try:
        return bool(session.platform.name)
    except TandemError:
        return False


def _diagnose(what: str, check: Callable[[], str]) -> Diagnostic:
    """Run `check`: it returns what it sees, or raises TandemError if that is not ok."""
    try:
        return Diagnostic(ok=True, what=what, seen=check())
    except TandemError as error:
        return Diagnostic(ok=False, what=what, seen=error.message, hint=error.hint)


def _terraform() -> str:
    program.require()
    return program.binary()


def _providers() -> str:
    """Not an error: the first download of each machine is trusted then, as Terraform itself does."""
    least = min(provider_lock.platforms(TERRAFORM / root) for root in provider_lock.ROOTS)
    if least > 1:
        return f"locked by hash for {least} platforms"
    return "not locked: each machine trusts what it downloads first; `make lock-providers` locks them by hash"


def _bases() -> str:
    """Not an error either: where no registry answers, bases are made of Debian's signed packages."""
    images = pins.unpinned()
    if not images:
        return "pinned by digest"
    names = ", ".join(images)
    return f"{names}: each build takes what the tag means then; `make lock-bases` pins them by digest"


def _git() -> str:
    return _version("git", "install git, 2.22 or newer")


def _docker() -> str:
    cli = _version("docker", "install Docker Engine; on Debian as root: tandem up")
    docker_client().close()  # the program alone says nothing about the daemon
    return f"{cli}; the daemon answers"


def _version(program: str, hint: str) -> str:
    if not shutil.which(program):
        raise TandemError(f"{program} is not on PATH", hint=hint)
    process = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return process.stdout.strip()


def _processor(session: "Session") -> str:
    emulated = platforms.require(session.project, docker_client(), session.stack.id)
    how = "which Docker emulates: builds are slow" if emulated else "as Docker here"
    return f"images are for {session.project.settings.task.architecture}, {how}"


def _access(session: "Session") -> str:
    with explain_errors("ask AWS for the identity of these credentials"):
        identity = session.aws.client("sts").get_caller_identity()
    return f"account {identity['Account']} as {identity['Arn']}"


def _lock(session: "Session") -> str:
    state = session.store.state()
    holder = state.holder
    if holder is None:
        return "free"
    if holder.is_dead:
        return f"left by {holder}, which has ended; the next run takes it"
    observation = lock.watch(session.store.objects, _watch_seconds(holder))
    if observation.last_state != state:
        now = observation.last_state.holder if observation.last_state else None
        return f"held by {now}, which renews it" if now else "free"
    if observation.silence > holder.expires_after:
        raise TandemError(
            f"stale: {holder} did not renew it while it was watched",
            hint=f"tandem doctor --env {session.environment} --unlock {state.token}",
        )
    return f"held by {holder}; renewed {holder.seconds_since_renewal:.0f} s ago by its clock"


def _watch_seconds(holder: Holder) -> float:
    """A moment, or as long as its lease if the holder seems silent by the clocks, which may differ."""
    if holder.seconds_since_renewal <= holder.expires_after:
        return _GLANCE
    console.info(f"   watching the lock of {holder} for {max(0.0, holder.expires_after):.0f} s")
    return holder.expires_after + 1


def _state_lock(session: "Session", root: str) -> str:
    bucket = state_bucket(session.aws, session.project, session.environment).bucket
    client = session.aws.client("s3")
    try:
        body = client.get_object(Bucket=bucket, Key=f"{root}.tfstate.tflock")["Body"].read()
    except ClientError as error:
        if client_errors.code(error) in {"NoSuchKey", "NoSuchBucket", "404"}:
            return "free"
        raise TandemError(f"cannot read the lock of terraform/{root}: {error}") from error
    try:
        info = {name: str(value)[:_SHOWN] for name, value in dict(parse_json(body)).items()}
    except (ValueError, TypeError) as error:
        raise TandemError(
            f"the lock of terraform/{root} cannot be read: {damage(error)}",
            hint=f"aws s3 cp s3://{bucket}/{root}.tfstate.tflock -",
        ) from error
    raise TandemError(
        f"{info.get('Operation', 'something')} by {info.get('Who', 'someone')} holds it "
        f"since {info.get('Created', 'some time')}",
        hint=f"wait for it; if no run holds it any more: {_unlock(session, root, info.get('ID', 'LOCK_ID'))}",
    )


def _unlock(session: "Session", root: str, identifier: str) -> str:
    """The command that removes the lock, with the variables that it needs to find the state."""
    variables = {"TF_DATA_DIR": str(session.state / "terraform" / root), **session.aws.variables()}
    return unlock_command(TERRAFORM / root, variables, identifier)


def _releases(session: "Session") -> str:
    interrupted = session.store.interrupted()
    holder = session.store.state().holder
    if interrupted and (holder is None or holder.is_dead):
        raise TandemError(
            f"release {interrupted.release} was started at {interrupted.at} and did not end",
            hint=f"tandem release --env {session.environment}",
        )
    current = session.store.current()
    return current.title + " runs" if current else "none yet"


def _images(session: "Session") -> str:
    current = session.store.current()
    if current is None:
        return "none needed yet"
    missing = [name for name, ref in current.images.items() if not registry.connect(ref.host).exists(ref)]
    if missing:
        raise TandemError(
            f"the registry lacks {', '.join(sorted(missing))} of release {current.number}",
            hint=f"tandem release --env {session.environment}",
        )
    return f"all {len(current.images)} of release {current.number} are in the registry"


def remove_lock(session: "Session", token: int) -> None:
    """Remove the lock that is held with `token`; its holder can then change nothing.

    Raises:
        TandemError: no run holds the lock with that token; nothing is removed.
    """
    if lock.release(session.store.objects, token):
        return
    state = session.store.state()
    status = f"{state.holder} holds it with token {state.token}" if state.holder else "the lock is free"
    raise TandemError(
        f"no lock is held with token {token}: {status}; nothing was removed",
        hint=f"tandem doctor --env {session.environment}",
    )
