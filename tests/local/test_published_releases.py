"""Containers of the local stack find its releases in the platform's bucket."""

import shutil
from types import SimpleNamespace
from typing import Any

import pytest
from moto.backends import get_backend

from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.deploy.store import Outcome, Store
from pipeline.local import published_releases
from pipeline.local.published_releases import PublishedReleases

ACCOUNT = "210987654321"
BUCKET = f"tandem-local-releases-{ACCOUNT}"


@pytest.fixture
def backend() -> Any:
    backend = get_backend("s3")[ACCOUNT]["aws"]
    yield backend
    backend.reset()


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path, load(ROOT).settings)


@pytest.fixture
def store(project) -> Store:
    return Store.in_folder(project.state / "local" / "releases", "local")


@pytest.fixture
def part(project, monkeypatch) -> PublishedReleases:
    monkeypatch.setattr(published_releases, "_SECONDS", 0)
    return PublishedReleases(SimpleNamespace(account=ACCOUNT, project=project))


def _objects(backend) -> dict[str, bytes]:
    keys = backend.buckets[BUCKET].keys.values()
    return {key.name: key.value for key in keys}


def test_the_trail_appears_under_the_environments_name(backend, store, part):
    store.record(0, Outcome.REFUSED, "no content")
    part.reconcile()
    backend.create_bucket(BUCKET, "eu-central-1")
    part.reconcile()
    assert _objects(backend) == {
        "local/trail/00000001.json": store.objects.read("trail/00000001.json").data,
    }


def test_a_changed_object_is_copied_again_and_a_removed_one_goes(backend, store, part):
    backend.create_bucket(BUCKET, "eu-central-1")
    store.objects.create("state.json", b"1")
    part.reconcile()
    store.objects.replace("state.json", b"22", store.objects.read("state.json").tag)
    part.reconcile()
    assert _objects(backend) == {"local/state.json": b"22"}
    shutil.rmtree(store.objects.root)
    part.reconcile()
    assert _objects(backend) == {}


def test_a_new_platform_gets_everything_again(backend, store, part):
    backend.create_bucket(BUCKET, "eu-central-1")
    store.objects.create("state.json", b"1")
    part.reconcile()
    backend.reset()
    part.reconcile()
    backend.create_bucket(BUCKET, "eu-central-1")
    part.reconcile()
    assert _objects(backend) == {"local/state.json": b"1"}
