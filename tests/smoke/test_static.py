"""The static container has handed over its content and ended."""

import docker


def test_it_exited_with_zero(static):
    assert static.status == "exited"
    assert static.attrs["State"]["ExitCode"] == 0


def test_it_succeeded_before_app_started(static):
    """What `dependsOn: SUCCESS` promises."""
    task = static.labels["io.tandem.task"]
    labels = [f"io.tandem.task={task}", "io.tandem.container=app"]
    (app,) = docker.from_env().containers.list(filters={"label": labels})
    assert static.attrs["State"]["FinishedAt"] < app.attrs["State"]["StartedAt"]
