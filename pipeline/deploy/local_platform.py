"""Bring up the local environment; slow steps run at the same time if they can."""

import socket
from concurrent.futures import Future, ThreadPoolExecutor

from pipeline.aws.state_bucket import bootstrap
from pipeline.core import console, timeline
from pipeline.core.errors import TandemError
from pipeline.core.settings import LOCAL, Project
from pipeline.core.steps import step
from pipeline.deploy.api_runtime import platform_with_traffic_held
from pipeline.deploy.local_applied import AppliedMarker
from pipeline.deploy.session import Session, open_session
from pipeline.git.heads import heads
from pipeline.images import platforms
from pipeline.local import cleanup, dockerd
from pipeline.local.context import ALB_ROLE, EARLIER_ALB_ROLE
from pipeline.local.examples.repositories import make_examples
from pipeline.local.stack import Stack, docker_client
from pipeline.terraform import program
from pipeline.terraform.runner import TerraformPlan


def ensure_local_platform(project: Project, why: str = "tandem up") -> Session:
    """Start or update all that a release needs: the local AWS, Docker, the registry, the platform.

    Builds are recorded with `why`, the command that causes them.

    Raises:
        TandemError: a tool is missing, the port is taken, a source cannot be read, or a step fails.
    """
    program.require()
    stack = Stack.of(project)
    _require_port(stack)
    project = make_examples(project)
    # Errors of the sources and of Docker are reported before anything runs.
    heads(project)
    dockerd.ensure(console.info)
    platforms.require(project, docker_client(), stack.id)
    stack.ensure_control_plane()
    session = open_session(project, LOCAL)
    bootstrap(session.aws, project, LOCAL)
    marker = AppliedMarker.of(session.aws, session.platform_root)
    if marker.is_set():
        session.stack.ensure_docker_parts()
        return session
    # The wait is in this thread, because a thread of the pool could not be interrupted.
    with session.locked("make the platform"), step("platform"), ThreadPoolExecutor(1) as pool:
        marker.clear()
        # Terraform mostly waits for fixed delays of its AWS provider: meanwhile images are built.
        future = pool.submit(platform_with_traffic_held(session).apply)
        try:
            session.stack.ensure_docker_parts()
            with timeline.recording(why=why):
                _build_ahead(session)
        except TandemError as error:
            # Reported now: Terraform may still run for a minute.
            console.info(f"error: {error.message}", style="bold red")
            console.info(f"hint:  {error.hint}")
            raise TandemError("nothing is released: the error above", hint=error.hint) from error
        finally:
            _wait(future)
    session.forget_platform()
    if session.platform.is_settled:
        marker.set()
    return session


def _require_port(stack: Stack) -> None:
    """Check that the load balancer's port is free, or held by this stack's own load balancer."""
    port = stack.project.settings.local.port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if not _has_load_balancer(stack):
                raise TandemError(
                    f"port {port} of 127.0.0.1 is taken by another program",
                    hint="set port under [local] in tandem.toml to a free one",
                ) from error


def _has_load_balancer(stack: Stack) -> bool:
    try:
        roles = ALB_ROLE, EARLIER_ALB_ROLE
        return bool(cleanup.find_containers(docker_client(), stack.id, roles, running=True))
    except TandemError:
        return False  # without Docker the stack cannot hold the port


def _wait(future: Future[TerraformPlan]) -> None:
    """Wait for Terraform, even if interrupted: what it has begun would otherwise be missing in its state."""
    if not future.done():
        console.info("-> waiting for Terraform: its AWS provider waits 60 s for each new load balancer")
    try:
        future.result()
    except KeyboardInterrupt:
        console.info("-> interrupted: waiting until Terraform has finished what it began", style="yellow")
        raise


def _build_ahead(session: Session) -> None:
    current = session.store.current()
    # An image that fails is built again by the release, which decides what that means; without a release that
    # runs there is nothing to decide.
    results = session.builder().try_images(session.heads(), current.images if current else {})
    errors = [result for result in results.values() if isinstance(result, TandemError)]
    if errors and current is None:
        raise errors[0]
