"""A snapshot of a service shows how its rollout stands."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.aws.ecs import DeploymentSnapshot, ServiceSnapshot
from pipeline.deploy.rollout import End
from pipeline.deploy.rollout.verdict import judge, summary
from tests.support.snapshots import DEPLOYMENT, NEW, OLD, SNAPSHOT, TASK


def ending(snapshot: ServiceSnapshot, *, was_seen: bool = True) -> End:
    return judge(snapshot, NEW, was_seen=was_seen).end


def test_complete_with_all_tasks_is_success() -> None:
    done = replace(DEPLOYMENT, state="COMPLETED", running=2)
    assert ending(replace(SNAPSHOT, deployments=(done,))) is End.SUCCEEDED


def test_complete_without_tasks_is_not_yet_success() -> None:
    """A control plane may call an empty deployment complete before its scheduler has begun."""
    assert ending(replace(SNAPSHOT, deployments=(replace(DEPLOYMENT, state="COMPLETED"),))) is End.RUNNING


def test_a_service_without_desired_tasks_succeeds() -> None:
    done = replace(DEPLOYMENT, state="COMPLETED", desired=0)
    assert ending(replace(SNAPSHOT, desired=0, deployments=(done,))) is End.SUCCEEDED


def test_a_service_that_has_not_begun_is_waited_for() -> None:
    old = replace(DEPLOYMENT, task_definition=OLD, state="COMPLETED", running=2)
    assert ending(replace(SNAPSHOT, deployments=(old,)), was_seen=False) is End.RUNNING


def test_a_failed_deployment_failed() -> None:
    broken = replace(DEPLOYMENT, state="FAILED", reason="tasks failed to start")
    assert (
        judge(replace(SNAPSHOT, deployments=(broken,)), NEW, was_seen=True).reason == "tasks failed to start"
    )


def test_another_revision_is_a_rollback_however_healthy() -> None:
    """What other tools report as success."""
    old = replace(DEPLOYMENT, task_definition=OLD, state="COMPLETED", running=2)
    assert ending(replace(SNAPSHOT, task_definition=OLD, deployments=(old,))) is End.ROLLED_BACK
    assert (
        ending(replace(SNAPSHOT, task_definition=OLD, deployments=(old,)), was_seen=False) is End.ROLLED_BACK
    )


def test_a_rollback_is_watched_until_the_old_revision_serves() -> None:
    back = replace(DEPLOYMENT, task_definition=OLD, running=1)
    broken = replace(DEPLOYMENT, status="ACTIVE", state="FAILED", reason="circuit breaker")
    snapshot = replace(SNAPSHOT, task_definition=OLD, deployments=(back, broken))
    assert judge(snapshot, NEW, was_seen=True).end is End.RUNNING
    done = replace(snapshot, deployments=(replace(back, state="COMPLETED", running=2), broken))
    assert judge(done, NEW, was_seen=True) == judge(done, NEW, was_seen=False)
    assert judge(done, NEW, was_seen=True).reason == "circuit breaker"


@given(
    st.sampled_from([OLD, NEW]),
    st.lists(
        st.builds(
            DeploymentSnapshot,
            st.just("d"),
            st.sampled_from(["PRIMARY", "ACTIVE"]),
            st.sampled_from([OLD, NEW]),
            st.sampled_from(["", "IN_PROGRESS", "COMPLETED", "FAILED"]),
            st.just(""),
            *[st.integers(0, 3)] * 4,
        ),
        max_size=3,
    ),
    st.booleans(),
)
def test_success_always_means_the_released_revision_runs(
    current: str,
    deployments: list[DeploymentSnapshot],
    was_seen: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    snapshot = replace(SNAPSHOT, task_definition=current, deployments=tuple(deployments))
    if judge(snapshot, NEW, was_seen=was_seen).end is End.SUCCEEDED:
        assert current == NEW
        assert any(item.task_definition == NEW and item.running >= snapshot.desired for item in deployments)


def test_progress_says_new_and_old() -> None:
    new = replace(DEPLOYMENT, running=1, pending=1, failed=2)
    old = replace(DEPLOYMENT, task_definition=OLD, running=2)
    running = replace(TASK, status="RUNNING", health="HEALTHY", stopped_reason="")
    snapshot = replace(SNAPSHOT, deployments=(new, old), tasks=(running,))
    assert summary(snapshot, NEW) == "new 1/2 running, 1 healthy, 1 starting, old 2 running, 2 failed"
