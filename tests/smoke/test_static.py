"""The static container has ended after its volume got the content."""


def test_the_data_container_exited_with_zero(static):
    assert static.status == "exited"
    assert static.attrs["State"]["ExitCode"] == 0


def test_the_data_container_ended_before_app_started(static, every_container):
    """`dependsOn: SUCCESS` promises it."""
    task = static.labels["io.tandem.task"]
    (app,) = (each for each in every_container["app"] if each.labels["io.tandem.task"] == task)
    assert static.attrs["State"]["FinishedAt"] < app.attrs["State"]["StartedAt"]
