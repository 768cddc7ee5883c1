"""The error of a stock image says what the image must have."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.deploy.rollout.image_advice import advise
from pipeline.deploy.rollout.verdict import End
from pipeline.deploy.rollout.watch import RolloutResult

NGINX = "Essential container in task exited\ncontainer app exited with code 1\nthe last lines of app:\n  "


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ('nginx: [emerg] open() "/run/nginx.pid" failed (30: Read-only file system)', "read_only = false"),
        (
            'nginx: [emerg] mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)',
            "client_body_temp_path",
        ),
        ('nginx: [emerg] open() "/run/nginx.pid" failed (13: Permission denied)', "user 101"),
        ("nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)", "a port from 1024 on"),
        ("nginx: [emerg] setgid(101) failed (1: Operation not permitted)", "nginx's `user` line"),
        ("exec /docker-entrypoint.sh: exec format error", "task.architecture"),
    ],
)
def test_what_a_container_wrote_leads_to_the_change(reason: str, word: str) -> None:
    assert word in advise(NGINX + reason)


@pytest.mark.parametrize(
    "reason", ["container app failed its health check", "Task failed ELB health checks in (target-group x)"]
)
def test_a_failed_health_check_names_the_settings_that_it_uses(reason: str) -> None:
    assert "task.health_path" in advise(reason)
    assert "wget or curl" in advise(reason)


def test_an_unknown_reason_has_the_common_hint() -> None:
    assert advise("the deployment vanished") == ""
    result = RolloutResult(End.FAILED, "a:1", "a:1", 1.0, "the deployment vanished")
    with pytest.raises(TandemError) as caught:
        result.require_success()
    assert "`tandem status` shows what runs" in caught.value.hint


def test_the_rollouts_error_has_the_advice_as_its_hint() -> None:
    result = RolloutResult(End.FAILED, "a:1", "a:1", 1.0, f"{NGINX}open() failed (30: Read-only file system)")
    with pytest.raises(TandemError) as caught:
        result.require_success()
    assert "read_only = false" in caught.value.hint
