"""The registry, the records or AWS fail, or somebody changes the service by hand."""

import sqlite3
from contextlib import closing, contextmanager

import docker
import pytest

from pipeline.registry import connect
from tests.faults.site import assert_one_error, run_the_hint
from tests.registry import faulty
from tests.support.trail import last_succeeded

pytestmark = [pytest.mark.faults, pytest.mark.stack]


@pytest.mark.fault(20, "an image of the previous release is gone from the registry")
def test_a_rollback_to_an_image_that_is_gone_is_refused_before_it_begins(site, load):
    site.change("app")
    site.finish()
    image = site.store.get(last_succeeded(site.store, before=site.current)).images["app"]
    before = (site.current, site.local.numbers())
    with without_manifest(site, image):
        done = site.local.tandem("rollback", "--env", "local", check=False)
        assert_one_error(done, words=[str(image.digest)[:19]])
        assert (site.current, site.local.numbers()) == before
    site.local.tandem("rollback", "--env", "local")
    assert site.store.current().images["app"] == image
    site.finish()
    assert load.failures == []


@pytest.mark.fault(20, "gc clears away all but the last release and the way back")
def test_clearing_away_costs_no_request_and_leaves_the_way_back(site, load):
    for _ in range(3):
        site.change("app", "static")
        site.finish()
    last, before, old = (site.store.get(number) for number in site.local.numbers()[:-4:-1])
    site.local.tandem("gc", "--env", "local", "--keep", "1", "--yes")
    registry = connect(site.local.stack.registry_host)
    assert [registry.exists(release.images["app"]) for release in (last, before, old)] == [True, True, False]
    assert [registry.exists(release.images["static"]) for release in (last, before)] == [True, True]
    site.local.tandem("rollback", "--env", "local")
    assert site.store.current().images["app"] == before.images["app"]
    site.change("static")
    site.finish()
    assert load.failures == []


@contextmanager
def without_manifest(site, image):
    """Take one manifest from the registry while the block runs, as a clean-up that goes too far does."""
    client = docker.from_env()
    registry = container_of(client, site, "registry")
    folder = f"/var/lib/registry/docker/registry/v2/repositories/{image.path}/_manifests/revisions/sha256"
    link = f"{folder}/{str(image.digest).partition(':')[2]}"
    move(client, site, registry, link, f"{link}.gone")
    try:
        yield
    finally:
        move(client, site, registry, f"{link}.gone", link)


def move(client, site, registry, source, target):
    (busybox,) = [
        tag
        for image in client.images.list()
        for tag in image.tags
        if tag.startswith(f"tandem-{site.local.stack.id}/base-busybox:")
    ]
    client.containers.run(
        busybox, ["/bin/busybox", "mv", source, target], volumes_from=[registry.id], remove=True
    )
    registry.restart()  # it caches manifests


def container_of(client, site, role):
    labels = [f"io.tandem.stack={site.local.stack.id}", f"io.tandem.role={role}"]
    (container,) = client.containers.list(all=True, filters={"label": labels})
    return container


@pytest.mark.fault(25, "the registry is down")
def test_a_registry_that_is_down_is_named_and_costs_nobody_a_request(site, load):
    registry, before = container_of(docker.from_env(), site, "registry"), site.current
    site.change("app")
    registry.stop()
    try:
        done = site.release()
    finally:
        registry.start()
    assert_one_error(done, words=[f"check that {site.local.stack.registry_host} is up"])
    assert site.current == before
    site.finish()
    assert load.failures == []


@pytest.mark.fault(27, "the record database is locked")
def test_a_locked_record_database_costs_no_release(site, load):
    site.change("app")
    file = site.local.project.state / "records.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("begin exclusive")
        done = site.finish()
        holder.execute("rollback")
    assert "the record waits in" in done.stderr
    site.change("app")
    site.finish()
    assert not file.with_name(f"{file.name}.pending").exists()
    assert load.failures == []


@pytest.mark.fault(30, "someone points the service at an older revision by hand")
def test_a_change_by_hand_is_put_back(site, load):
    site.change("app")
    site.finish()
    service, definition = site.service()
    family, _, revision = definition.rpartition(":")
    older = f"{family}:{int(revision) - 1}"
    site.client("ecs").update_service(cluster=service, service=service, taskDefinition=older)
    site.await_steady(older)
    done = site.finish()
    assert "does not run any more: applying it again" in done.stderr
    assert site.service()[1].rpartition(":")[2] != older.rpartition(":")[2]
    assert load.failures == []


@pytest.mark.fault(22, "AWS answers 429 and 500, drops requests, loses replies")
def test_an_aws_that_stumbles_stops_a_release_cleanly_or_not_at_all(site, load):
    site.change("app")
    before, runs = site.current, []
    with site.faulty_control_plane() as (host, faults):
        faults.decide = every(9, [429, faulty.CUT, 500, faulty.LOSE])
        with site.control_plane_at(host):
            for _ in range(2):
                runs.append(site.release())
                if runs[-1].returncode == 0:
                    break
                assert_one_error(runs[-1])
                assert site.current == before
    assert len(faults.seen) > 20
    site.finish()
    assert load.failures == []


@pytest.mark.fault(22, "AWS takes Terraform's own lock, and its reply is lost")
def test_a_lock_whose_reply_is_lost_comes_with_the_command_that_clears_it(site, load):
    """Terraform repeats the request, and its own lock refuses it."""
    site.change("app")
    before = site.current
    with site.faulty_control_plane() as (host, faults):
        faults.decide = first_lock_reply_lost()
        # The local control plane knows a repeated call by this header; S3 ignores it.
        faults.dropped |= {"amz-sdk-invocation-id"}
        with site.control_plane_at(host):
            refused = site.release()
        line = assert_one_error(refused, words=["force-unlock"])
        assert "the state of terraform/release is locked" in line
        assert site.current == before
        assert site.store.interrupted() is None
        run_the_hint(site, refused)
    site.finish()
    assert load.failures == []


def first_lock_reply_lost():
    """AWS carries out the first request for Terraform's lock, and its reply is lost."""
    lost = []

    def decide(method, path):
        if method == "PUT" and ".tflock" in path and not lost:
            lost.append(path)
            return faulty.LOSE
        return faulty.PASS

    return decide


def every(count, failures):
    """Each `count`th request gets the next failure; Terraform's lock has a test of its own."""
    asked = iter(range(10**9))

    def decide(_method, path):
        if ".tflock" in path:
            return faulty.PASS
        turn, left = divmod(next(asked), count)
        return faulty.PASS if left != count - 1 else failures[turn % len(failures)]

    return decide
