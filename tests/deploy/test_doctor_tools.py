"""The doctor asks programs and daemons, not only whether they are installed."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.deploy import doctor

pytestmark = pytest.mark.slow


def test_a_docker_whose_daemon_is_dead_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    def dead() -> None:
        raise TandemError("Docker does not answer: connection refused", hint="docker info")

    monkeypatch.setattr(doctor, "_version", lambda *_: "Docker version 28.2.2")
    monkeypatch.setattr(doctor, "docker_client", dead)
    (docker,) = [item for item in doctor.diagnose_tools() if item.what == "docker"]
    assert not docker.ok
    assert docker.seen == "Docker does not answer: connection refused"
