"""`release` brings an environment to what is wanted, whatever the last run, a person or AWS left there."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import sampled_from
from moto.backends import get_backend

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.deploy.live import drift, read_live
from pipeline.deploy.release import release
from pipeline.deploy.rollback import rollback
from tests.support.effort import every_value, examples
from tests.support.example_releases import image
from tests.support.local_aws import moto_in_process
from tests.support.stage import FUNCTION, Stage
from tests.support.stage_session import StageSession, play_around

pytestmark = pytest.mark.slow

SERVICE: Any = {"cluster": "shop-dev", "service": "shop-dev"}


def primary_failed(session: StageSession) -> None:
    session.stage.show(session.stage.revision[0], "FAILED")


def service_deleted(session: StageSession) -> None:
    session.stage.ecs.update_service(**SERVICE, desiredCount=0)
    session.stage.ecs.delete_service(**SERVICE, force=True)


def count_zero(session: StageSession) -> None:
    session.stage.ecs.update_service(**SERVICE, desiredCount=0)


def revision_deregistered(session: StageSession) -> None:
    session.stage.ecs.deregister_task_definition(taskDefinition=session.stage.revision[0])


def other_revision(session: StageSession) -> None:
    content = {**session.stage.revision[1], "cpu": "512", "memory": "1024"}
    arn = session.stage.ecs.register_task_definition(**content)["taskDefinition"]["taskDefinitionArn"]
    session.stage.ecs.update_service(**SERVICE, taskDefinition=arn)
    session.stage.show(arn, "COMPLETED")


def alias_deleted(session: StageSession) -> None:
    session.stage.functions.delete_alias(FunctionName=FUNCTION, Name="live")


def alias_without_version(session: StageSession) -> None:
    version = session.stage.alias()[0]
    backend: Any = get_backend("lambda")["123456789012"]["eu-central-1"]
    backend._lambdas.get_alias("live", FUNCTION).function_version = str(int(version) + 50)


def function_asleep(session: StageSession) -> None:
    function_state(session, "Inactive")


def function_state(session: StageSession, state: str) -> None:
    version = session.stage.alias()[0]
    backend: Any = get_backend("lambda")["123456789012"]["eu-central-1"]
    backend.get_function(FUNCTION, version).state = state


BROKEN: list[Callable[[StageSession], None]] = [
    primary_failed,
    service_deleted,
    count_zero,
    revision_deregistered,
    other_revision,
    alias_deleted,
    alias_without_version,
    function_asleep,
]


def require_running(session: StageSession) -> None:
    """What is recorded as current runs: tasks, their number, and the function behind the alias."""
    current = session.store.current()
    assert current is not None
    (service,) = session.stage.ecs.describe_services(cluster="shop-dev", services=["shop-dev"])["services"]
    assert service["status"] == "ACTIVE"
    assert service["desiredCount"] == current.count
    primary = service["deployments"][0]
    assert (primary["taskDefinition"], primary["rolloutState"]) == (service["taskDefinition"], "COMPLETED")
    revision = session.stage.ecs.describe_task_definition(taskDefinition=service["taskDefinition"])
    assert revision["taskDefinition"]["status"] == "ACTIVE"
    images = {item["image"] for item in revision["taskDefinition"]["containerDefinitions"]}
    assert str(current.images["app"]) in images
    function = session.stage.functions.get_function(FunctionName=FUNCTION, Qualifier="live")
    assert function["Code"]["ImageUri"] == str(current.api.image)
    assert not session.stage.alias()[1], "the whole of the traffic"


@pytest.mark.parametrize(("moved", "break_it"), every_value(["nothing", *Source], BROKEN))
def test_the_same_command_puts_it_right(
    session: StageSession, moved: str, break_it: Callable[[StageSession], None]
) -> None:
    release(session, "first")
    break_it(session)
    if moved != "nothing":
        session.played.heads[Source(moved)] = "2"
    assert release(session, "again").is_new
    require_running(session)
    assert not release(session, "once more").is_new, "and then there is nothing to do"


@pytest.mark.parametrize("moved", ["nothing", *Source])
def test_a_count_of_zero_that_autoscaling_leaves_is_set_again(session: StageSession, moved: str) -> None:
    """Terraform sets the number while autoscaling does not own it."""
    release(session, "first")
    session.stage.scale(2)
    count_zero(session)
    assert "service.desiredCount" in drift_now(session)
    if moved != "nothing":
        session.played.heads[Source(moved)] = "2"
    assert release(session, "again").is_new
    require_running(session)
    assert session.stage.is_scaled
    assert not release(session, "once more").is_new, "and then there is nothing to do"


@pytest.mark.parametrize(("minimum", "count"), [(0, 0), (1, 1), (2, 4)])
def test_a_count_that_autoscaling_may_have_is_left(session: StageSession, minimum: int, count: int) -> None:
    release(session, "first")
    session.stage.scale(minimum)
    session.stage.ecs.update_service(**SERVICE, desiredCount=count)
    backend: Any = get_backend("ecs")["123456789012"]["eu-central-1"]
    next(iter(backend.services.values())).deployments[0]["runningCount"] = count
    assert "desiredCount" not in drift_now(session)
    assert not release(session, "again").is_new


def drift_now(session: StageSession) -> str:
    current = session.store.current()
    assert current is not None
    return "\n".join(map(str, drift(current, read_live(session.aws, session.platform))))


def test_a_first_release_whose_tasks_turn_healthy_late_is_finished(session: StageSession) -> None:
    """ECS keeps the deployment that it declared failed, and Terraform finds no difference to it."""
    session.stage.breaks.add(str(image("app", "1")))
    with pytest.raises(TandemError, match="nothing ran before"):
        release(session, "first")
    session.stage.breaks.clear()
    assert release(session, "again").is_new
    require_running(session)


def test_a_function_that_failed_is_named_with_what_to_do(session: StageSession) -> None:
    release(session, "first")
    function_state(session, "Failed")
    with pytest.raises(TandemError, match="does not become active: Failed") as caught:
        release(session, "again")
    assert "push a commit to the api" in caught.value.hint
    session.played.heads[Source.API] = "2"
    assert release(session, "push to api").is_new
    require_running(session)


class AnyState(RuleBasedStateMachine):
    """Pushes, rollbacks, broken images, kills, hands and AWS in any order; each ends with `release`."""

    def __init__(self) -> None:
        super().__init__()
        self.context, self.patch = ExitStack(), pytest.MonkeyPatch()
        self.context.callback(self.patch.undo)
        self.context.enter_context(moto_in_process(self.patch))
        play_around(self.patch)
        folder = self.context.enter_context(TemporaryDirectory())
        self.session = StageSession.on(Stage(), Path(folder))

    @rule(source=sampled_from(Source), digit=sampled_from("123"))
    def push(self, source: Source, digit: str) -> None:
        self.session.played.heads[source] = digit

    @rule(digit=sampled_from("123"))
    def a_broken_image_does_not_start(self, digit: str) -> None:
        self.session.stage.breaks = {str(image("app", digit))}
        with suppress(TandemError):
            release(self.session, "a push")

    @rule(at=sampled_from(range(3)))
    def a_killed_release(self, at: int) -> None:
        with suppress(TandemError, KeyboardInterrupt), self.killed(at):
            release(self.session, "a push")

    @precondition(lambda self: self.session.store.state().current)
    @rule(at=sampled_from(range(3)))
    def a_rollback(self, at: int) -> None:
        with suppress(TandemError, KeyboardInterrupt), self.killed(at):
            rollback(self.session, None, "it is slow")

    @precondition(lambda self: self.session.store.state().current)
    @rule(break_it=sampled_from(BROKEN))
    def something_breaks(self, break_it: Callable[[StageSession], None]) -> None:
        with suppress(Exception):  # what is gone already cannot be broken once more
            break_it(self.session)

    @rule()
    def release_twice(self) -> None:
        self.session.stage.breaks.clear()
        release(self.session, "again")
        require_running(self.session)
        assert not release(self.session, "once more").is_new

    @contextmanager
    def killed(self, at: int) -> Iterator[None]:
        """Kill the run before its apply number `at`; 0: not at all."""
        applies = iter(range(1, 100))

        def before_apply(*_: object) -> None:
            if next(applies) == at:
                raise KeyboardInterrupt

        self.session.played.before_apply = before_apply
        try:
            yield
        finally:
            self.session.played.before_apply = lambda *_: None

    @invariant()
    def the_lock_is_free(self) -> None:
        holder = self.session.store.state().holder
        assert holder is None

    def teardown(self) -> None:
        self.release_twice()
        self.context.close()


TestAnyState = pytest.mark.slow(AnyState.TestCase)
TestAnyState.settings = settings(
    max_examples=examples(8), stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
)
