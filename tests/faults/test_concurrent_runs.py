"""Several runs at once: simultaneous, late, doubled, or suspended and resumed."""

import os
import signal
import time

import pytest

from tests.e2e.stack import PATIENCE
from tests.faults.site import assert_one_error, ended, run_the_hint, start
from tests.support.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.stack]


@pytest.mark.fault(8, "two releases at once; the same trigger twice (10)")
def test_two_at_once_make_one_release(site, load):
    before = site.local.numbers()
    site.change("app")
    both = [start(site, "release", "--env", "local"), start(site, "trigger", "app")]
    for each in both:
        code, _, errors = ended(each)
        assert code == 0, errors
    assert len(site.local.numbers()) == len(before) + 1
    site.assert_heads_run()
    assert load.failures == []


@pytest.mark.fault(9, "an older build finishes last")
def test_an_older_build_cannot_overtake_a_newer_one(site, load):
    site.change("app")
    older = start(site, "release", "--env", "local", fault="build app:after:STOP")
    until(lambda: is_stopped(older), PATIENCE)
    site.change("app")
    newer = start(site, "release", "--env", "local")
    time.sleep(3)
    older.send_signal(signal.SIGCONT)
    for each in (older, newer):
        code, _, errors = ended(each)
        assert code == 0, errors
    site.assert_heads_run()
    assert load.failures == []


@pytest.mark.fault(11, "a holder comes back after its lock was cleared and taken")
def test_a_holder_that_comes_back_late_changes_nothing(site, load):
    site.change("app")
    sleeper = start(site, "release", "--env", "local", fault="apply:after:STOP")
    until(lambda: is_stopped(sleeper), PATIENCE)
    token = site.store.state().token
    site.local.tandem("doctor", "--unlock", str(token), check=False)
    site.change("app")
    site.finish()
    current = site.current
    sleeper.send_signal(signal.SIGCONT)
    code, _, errors = ended(sleeper)
    assert code == 1
    assert "the lock was taken by another run" in errors
    assert "Traceback" not in errors
    assert site.current == current
    site.finish()
    assert load.failures == []


@pytest.mark.fault(1, "kill -9 while Terraform applies: it finishes by itself")
def test_terraform_outlives_a_killed_release(site, load):
    site.change("app")
    release = applying(site)
    release.kill()
    ended(release)
    site.finish()
    assert load.failures == []


@pytest.mark.fault(12, "stale Terraform lock: Terraform itself is killed")
def test_a_stale_terraform_lock_comes_with_the_command_that_clears_it(site, load):
    site.change("app")
    release = applying(site)
    for process, _ in site.terraform_processes():
        os.kill(process, signal.SIGKILL)
    release.kill()
    ended(release)
    refused = site.release()
    assert_one_error(refused, words=["terraform/release is locked", "force-unlock"])
    run_the_hint(site, refused)
    site.finish()
    assert load.failures == []


def applying(site):
    """Start a release and wait until its Terraform holds the lock of its state."""
    release = start(site, "release", "--env", "local")
    until(site.has_terraform_lock, PATIENCE)
    return release


def is_stopped(process):
    with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:  # noqa: PTH123
        return file.read().rpartition(")")[2].split()[0] == "T"
