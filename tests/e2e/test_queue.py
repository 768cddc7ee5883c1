"""Pushes that come together, during a release, by force or without a trigger lead to the last heads."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.git.command import run_git
from tests.e2e.stack import WHO
from tests.support.waiting import until

pytestmark = pytest.mark.stack


def queue(local):
    """The triggers of the queue, oldest first."""
    return json.loads(local.tandem("queue", "--json", "--last", "200").stdout)


def states(local, known):
    """The states of the triggers whose ids are not `known`."""
    return [row["state"] for row in queue(local) if row["id"] not in known]


def heads(local):
    current = local.manifest(local.numbers()[-1])
    return {source: commit["id"] for source, commit in current["commits"].items()}


def test_ten_pushes_at_once_are_at_most_two_releases_of_the_last_head(local, tmp_path):
    clone = local.clone("app", tmp_path / "app")
    before, known = local.numbers(), {row["id"] for row in queue(local)}
    with ThreadPoolExecutor(10) as pool:
        for number in range(10):
            commit = local.commit(clone, f"html/page-{number}.html", f"<p>{number}</p>\n")
            # Of pushes at the very same moment git refuses some: the next one brings their commits.
            pool.submit(local.push, clone, check=False)
            if number == 0:
                until(lambda: "runs" in states(local, known))
        until(lambda: local.push(clone, check=False).returncode == 0)
    assert heads(local)["app"] == commit
    assert len(local.numbers()) - len(before) == 2
    assert set(states(local, known)) == {"released", "merged"}


def test_a_push_during_a_release_goes_with_the_next_one(local, tmp_path):
    app, static = local.clone("app", tmp_path / "app"), local.clone("static", tmp_path / "static")
    local.commit(app, "html/first.html", "<p>first</p>\n")
    head = local.commit(static, "second.txt", "second\n")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(local.push, app)
        second = local.push(static)
        first.result()
    assert heads(local)["static"] == head
    assert "NOT RELEASED" not in second.stderr


def test_a_forced_push_releases_the_head_that_it_leaves(local, tmp_path):
    clone = local.clone("app", tmp_path / "app")
    local.commit(clone, "html/forced.html", "<p>one</p>\n")
    local.push(clone)
    run_git("-C", str(clone), "reset", "--quiet", "--hard", "HEAD~1")
    head = local.commit(clone, "html/forced.html", "<p>another</p>\n")
    local.push(clone, force=True)
    assert heads(local)["app"] == head


def test_a_push_that_never_triggered_is_caught_and_named(local, tmp_path):
    hook = local.repository("static") / "hooks" / "post-receive"
    clone = local.clone("static", tmp_path / "static")
    head = local.commit(clone, "lost.txt", "lost\n")
    hook.rename(hook.with_suffix(".away"))
    try:
        local.push(clone)
    finally:
        hook.with_suffix(".away").rename(hook)
    assert f"moved    static: commit {head[:10]}" in local.tandem("status").stdout
    local.tandem("reconcile", "--env", "local")
    assert heads(local)["static"] == head
    number = local.numbers()[-1]
    assert "(reconcile)" in local.tandem("show", str(number)).stdout


def test_a_commit_that_no_build_reads_makes_no_release_and_says_so(local, tmp_path):
    before = local.numbers()
    clone = local.clone("static", tmp_path / "static")
    run_git("-C", str(clone), *WHO, "commit", "--quiet", "--allow-empty", "-m", "Say nothing")
    pushed = local.push(clone)
    assert "changes nothing that a build reads" in pushed.stderr
    assert (local.numbers(), queue(local)[-1]["state"]) == (before, "skipped")
    status = local.tandem("status").stdout
    assert "same     static: commit" in status
    assert "moved    static" not in status


BEFORE_ITS_RELEASE = {"enqueue:before": 0, "enqueue:after": 1, "take:before": 2, "take:after": 3}
"""Where triggers are killed, one after the other, and how many wait by then: the first is lost."""
AFTER_ITS_RELEASE = {"end:before": "waits", "end:after": "released"}
"""Where a trigger is killed that has made its release, and what the queue has of it then."""


def test_what_was_pushed_is_released_although_its_triggers_were_killed(local, tmp_path):
    clone, known = local.clone("app", tmp_path / "app"), {row["id"] for row in queue(local)}
    for fault_at, waiting in BEFORE_ITS_RELEASE.items():
        head = local.commit(clone, "html/killed.html", f"<p>{fault_at}</p>\n")
        local.push(clone, environ={"FAULT_AT": fault_at})
        assert states(local, known) == ["waits"] * waiting
        status = local.tandem("status").stdout
        assert (f"waiting  {waiting} triggers; tandem reconcile --env local" in status) == (waiting > 0)
        assert f"moved    app: commit {head[:10]}" in status
    local.tandem("reconcile", "--env", "local")
    assert heads(local)["app"] == head
    assert len(states(local, known)) == waiting
    assert set(states(local, known)) <= {"released", "merged"}


@pytest.mark.parametrize(("fault_at", "left"), AFTER_ITS_RELEASE.items())
def test_what_was_released_is_said_although_its_trigger_was_killed(local, tmp_path, fault_at, left):
    clone, known = local.clone("app", tmp_path / "app"), {row["id"] for row in queue(local)}
    head = local.commit(clone, "html/killed.html", f"<p>{fault_at}</p>\n")
    local.push(clone, environ={"FAULT_AT": fault_at})
    assert states(local, known) == [left]
    status = local.tandem("status").stdout
    assert ("waiting  1 triggers; tandem reconcile --env local" in status) == (left == "waits")
    local.tandem("reconcile", "--env", "local")
    assert heads(local)["app"] == head
    (state,) = states(local, known)
    assert state in {"released", "merged"}
