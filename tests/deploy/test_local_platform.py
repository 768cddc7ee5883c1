"""While Terraform makes the local platform, a failed build and an interrupt are reported at once."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from pipeline.core import timeline
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.deploy import local_platform
from tests.support.example_releases import SETTINGS


@pytest.fixture
def terraform(tmp_path, monkeypatch):
    """A local environment whose Terraform ends when the test lets it; returns the event."""
    ends = threading.Event()
    broken = TandemError("cannot build app: no such image", hint="correct it")

    def try_images(*_):
        assert timeline.why() == "tandem apply", "what its builds are recorded with"
        return {"app": broken, "api": None}

    session = SimpleNamespace(
        project=Project(tmp_path, SETTINGS),
        aws=None,
        platform_root=None,
        platform=SimpleNamespace(is_settled=True),
        stack=SimpleNamespace(ensure_docker_parts=lambda: None),
        locked=lambda _: nullcontext(),
        store=SimpleNamespace(current=lambda: None),
        heads=dict,
        builder=lambda: SimpleNamespace(try_images=try_images),
        forget_platform=lambda: None,
    )
    marker = SimpleNamespace(is_set=lambda: False, clear=lambda: None, set=lambda: None)
    stack = SimpleNamespace(id="s", ensure_control_plane=lambda: None)
    replaced = {
        "program": SimpleNamespace(require=lambda: None),
        "Stack": SimpleNamespace(of=lambda _: stack),
        "_require_port": lambda _: None,
        "make_examples": lambda project: project,
        "heads": lambda _: {},
        "dockerd": SimpleNamespace(ensure=lambda _: None),
        "platforms": SimpleNamespace(require=lambda *_: None),
        "docker_client": lambda: None,
        "open_session": lambda *_: session,
        "bootstrap": lambda *_: None,
        "AppliedMarker": SimpleNamespace(of=lambda *_: marker),
        "platform_with_traffic_held": lambda _: SimpleNamespace(apply=lambda: ends.wait(30)),
    }
    for name, value in replaced.items():
        monkeypatch.setattr(local_platform, name, value)
    return ends


def test_a_failing_build_is_told_while_terraform_still_runs(terraform, tmp_path, monkeypatch):
    told = []

    def info(text, style=""):
        del style
        told.append((text, terraform.is_set()))
        if text.startswith("-> waiting for Terraform"):
            terraform.set()

    monkeypatch.setattr(local_platform.console, "info", info)
    with pytest.raises(TandemError, match="nothing is released"):
        local_platform.ensure_local_platform(Project(tmp_path, SETTINGS), "tandem apply")
    assert ("error: cannot build app: no such image", False) in told
    assert ("hint:  correct it", False) in told


def test_an_interrupt_while_terraform_runs_is_answered(monkeypatch, capsys):
    applied = Future()
    monkeypatch.setattr(applied, "result", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    with ThreadPoolExecutor(1), pytest.raises(KeyboardInterrupt):
        local_platform._wait(applied)
    assert "interrupted: waiting until Terraform" in capsys.readouterr().err
