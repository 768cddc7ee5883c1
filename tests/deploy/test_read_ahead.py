"""What an apply needs is read while images are built, and costs the run nothing if it cannot be."""

from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.timeline import recording
from pipeline.deploy.read_ahead import read_ahead
from pipeline.terraform import roots
from tests.support.stage_session import StageSession


def reading(
    session: StageSession, patch: pytest.MonkeyPatch, *, initialised: bool = True, error: Any = None
) -> tuple[int, list[str]]:
    """How often the state was read, and the parts of the run."""
    read = []

    def release(*_: Any) -> Any:
        if error:
            raise error
        return SimpleNamespace(is_initialised=lambda: initialised, addresses=lambda: read.append(1))

    patch.setattr(roots, "release", release)
    with recording() as run:
        read_ahead(session).join(5)
    return len(read), [part.name for part in run.spans]


def test_the_state_is_read_beside_the_run(session: StageSession, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reading(session, monkeypatch) == (1, ["read ahead"])


def test_a_root_that_needs_init_is_left_to_the_apply(
    session: StageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reading(session, monkeypatch, initialised=False)[0] == 0


@pytest.mark.parametrize("error", [TandemError("nothing to apply"), OSError("no space")], ids=type)
def test_a_failure_is_left_to_the_apply(
    session: StageSession,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
) -> None:
    assert reading(session, monkeypatch, error=error)[0] == 0
    assert capsys.readouterr().err == "", "no traceback of a thread"
