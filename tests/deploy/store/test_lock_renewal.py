"""The renewing thread outlives every error; a run that cannot renew its lock stops by itself."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from botocore.exceptions import ReadTimeoutError

from pipeline.core.errors import TandemError
from pipeline.deploy.store import lock, state
from pipeline.deploy.store.files import FileObjects
from pipeline.deploy.store.objects import Objects, Stored
from pipeline.deploy.store.s3 import S3Objects
from tests.support.aws_access import aws
from tests.support.waiting import until

pytestmark = pytest.mark.slow


@dataclass
class Failing:
    """Objects whose quick requests do what the test says, before they do their work."""

    real: Objects
    before: Callable[[], None] = lambda: None
    is_quick: bool = False
    calls: list[float] = field(default_factory=list)

    def read(self, key: str) -> Stored | None:
        if self.is_quick:
            self.calls.append(time.monotonic())
            self.before()
        return self.real.read(key)

    def create(self, key: str, data: bytes) -> bool:
        return self.real.create(key, data)

    def replace(self, key: str, data: bytes, tag: str) -> bool:
        return self.real.replace(key, data, tag)

    def keys(self, prefix: str) -> list[str]:
        return self.real.keys(prefix)

    def quick(self) -> Objects:
        return Failing(self.real, self.before, is_quick=True, calls=self.calls)


@pytest.fixture
def objects(tmp_path: Path) -> Failing:
    return Failing(FileObjects(tmp_path))


def renewals(objects: Objects) -> int:
    holder = state.read(objects).holder
    return holder.renewals if holder else -1


@pytest.mark.parametrize(
    "error",
    [
        TandemError("AWS does not answer"),
        ReadTimeoutError(endpoint_url="https://s3"),
        KeyError("ETag"),
        MemoryError(),
        RuntimeError("can't start new thread"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_the_renewing_thread_survives_every_error(objects: Failing, error: Exception) -> None:
    def failing() -> None:
        if len(objects.calls) < 3:
            raise error

    objects.before = failing
    with lock.held(objects, "release", expires_after=0.8) as lease:
        until(lambda: renewals(objects) > 0, 10)
        lease.check()


def test_a_renewal_that_hangs_does_not_block_the_next(objects: Failing) -> None:
    end = threading.Event()

    def hanging() -> None:
        if len(objects.calls) == 1:
            end.wait(20)

    objects.before = hanging
    with lock.held(objects, "release", expires_after=1.2) as lease:
        until(lambda: renewals(objects) > 1, 10)
        lease.check()
        end.set()


def test_hanging_renewals_are_bounded(objects: Failing) -> None:
    end = threading.Event()
    objects.before = lambda: void(end.wait(20))
    before = threading.active_count()
    with lock.held(objects, "release", expires_after=0.04):
        time.sleep(0.6)
        assert threading.active_count() - before < 12
        end.set()


def void(_: object) -> None:
    """Ignore a value."""


def test_a_run_that_cannot_renew_its_lock_stops_by_itself(objects: Failing) -> None:
    """Nobody has taken the lock yet, but another run may at any moment."""

    def failing() -> None:
        raise OSError(5, "the share is gone")

    objects.before = failing
    with lock.held(objects, "release", expires_after=0.2) as lease:
        lease.check()
        time.sleep(0.5)
        with pytest.raises(TandemError, match=r"could not be renewed.*the share is gone") as caught:
            lease.check()
        assert caught.value.hint


def test_a_run_that_was_suspended_goes_on_if_it_still_has_its_lock(objects: Failing) -> None:
    lease = lock.acquire(objects, "suspended", expires_after=0.1)
    time.sleep(0.3)
    lease.check()
    assert renewals(objects) == 1


def test_a_late_renewal_does_not_prolong_what_it_was_sent_for(objects: Failing) -> None:
    """The lease counts from before the request: a waiting run may have watched from then on."""
    lease = lock.acquire(objects, "release", expires_after=0.3)
    objects.before = lambda: time.sleep(0.5)
    lease.try_renew()
    with pytest.raises(TandemError, match="could not be renewed"):
        lease.check()


def test_an_error_of_the_block_is_not_hidden_by_the_release_of_the_lock(
    objects: Failing, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://s3")

    monkeypatch.setattr(lock, "release", broken)
    with pytest.raises(ZeroDivisionError), lock.held(objects, "release"):
        raise ZeroDivisionError
    assert "could not be released" in capsys.readouterr().err


@pytest.mark.usefixtures("cloud")
def test_quick_requests_wait_five_seconds_and_are_not_repeated() -> None:
    quick = S3Objects(aws(), "releases").quick()
    assert isinstance(quick, S3Objects)
    config = quick._s3.meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, 5)
    assert config.retries["total_max_attempts"] == 1
    assert quick.create("a", b"1")
    stored = quick.read("a")
    assert stored is not None
    assert stored.data == b"1"


@pytest.mark.usefixtures("cloud")
def test_a_body_that_stalls_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    objects = S3Objects(aws(), "releases")
    objects.create("a", b"1")

    def stalled(*_: object, **__: object) -> bytes:
        raise ReadTimeoutError(endpoint_url="https://s3")

    monkeypatch.setattr("botocore.response.StreamingBody.read", stalled)
    with pytest.raises(TandemError, match=r"cannot read a in s3://releases"):
        objects.read("a")
