"""Containers of the local stack find its releases, triggers and records where the platform says they are."""

import json
import shutil
from types import SimpleNamespace
from typing import Any

import pytest
from moto.backends import get_backend

from pipeline.aws.state_bucket import bucket_name
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.deploy.store import Outcome, Store
from pipeline.local import published_records, published_releases
from pipeline.local.published_releases import PublishedReleases
from pipeline.records.build_records import FILE, Records
from pipeline.records.document import BUILD, Document
from pipeline.triggers.queue import Queue, ended_now, new_trigger
from pipeline.triggers.queue import TriggerOutcome as End

ACCOUNT, REGION = "210987654321", "eu-central-1"
BUCKET, TABLE = "any-name-of-a-bucket", "any-name-of-a-table"
STATES = bucket_name("tandem", "local", ACCOUNT)


class Backend:
    """The control plane's S3 and DynamoDB, with a platform in them."""

    def __init__(self) -> None:
        self.s3: Any = get_backend("s3")[ACCOUNT]["aws"]
        self.dynamodb: Any = get_backend("dynamodb")[ACCOUNT][REGION]

    def apply(self, bucket: str = BUCKET, table: str = TABLE) -> None:
        """What Terraform leaves: the state with its outputs, the bucket, the table."""
        told = {"TANDEM_RELEASES": f"s3://{bucket}/local/", "TANDEM_RECORDS": table}
        if STATES not in self.s3.buckets:
            self.s3.create_bucket(STATES, REGION)
        state = {"outputs": {"api_environment": {"value": told}}}
        self.s3.put_object(STATES, "platform.tfstate", json.dumps(state).encode())
        self.s3.create_bucket(bucket, REGION)
        keys = [{"AttributeName": name, "KeyType": kind} for name, kind in (("pk", "HASH"), ("sk", "RANGE"))]
        attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
        self.dynamodb.create_table(
            table,
            schema=keys,
            attr=attributes,
            throughput=None,
            indexes=[],
            global_indexes=[],
            streams={},
            billing_mode="PAY_PER_REQUEST",
            sse_specification={},
            tags=[],
            deletion_protection_enabled=False,
            warm_throughput=None,
        )

    def objects(self, bucket: str = BUCKET) -> dict[str, bytes]:
        return {key.name: key.value for key in self.s3.buckets[bucket].keys.values()}

    def items(self) -> list[str]:
        """The runs of the records in the table."""
        items = self.dynamodb.tables[TABLE].all_items()
        return sorted(json.loads(item.attrs["record"].value)["run"] for item in items)

    def reset(self) -> None:
        self.s3.reset()
        self.dynamodb.reset()


@pytest.fixture
def backend() -> Any:
    backend = Backend()
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
    for module in (published_releases, published_records):
        monkeypatch.setattr(module, "_SECONDS", 0)
    return PublishedReleases(SimpleNamespace(account=ACCOUNT, region=REGION, project=project))


def test_the_trail_appears_under_the_environments_name(backend, store, part):
    store.record(0, Outcome.REFUSED, "no content")
    part.reconcile()
    backend.apply()
    part.reconcile()
    assert backend.objects() == {
        "local/trail/00000001.json": store.objects.read("trail/00000001.json").data,
    }


def test_nothing_is_copied_where_the_platform_does_not_let_the_api_read(backend, store, part):
    backend.apply()
    state = {"outputs": {"api_environment": {"value": {}}}}
    backend.s3.put_object(STATES, "platform.tfstate", json.dumps(state).encode())
    store.objects.create("state.json", b"1")
    part.reconcile()
    assert backend.objects() == {}


def test_a_platform_with_other_names_gets_the_copies(backend, store, part):
    backend.apply()
    store.objects.create("state.json", b"1")
    part.reconcile()
    backend.reset()
    part.reconcile()
    backend.apply("another-bucket", "another-table")
    part.reconcile()
    assert backend.objects("another-bucket") == {"local/state.json": b"1"}


def test_another_bucket_gets_everything_while_the_first_is_still_there(backend, store, part):
    backend.apply()
    store.objects.create("state.json", b"1")
    part.reconcile()
    backend.apply("another-bucket", "another-table")
    part.reconcile()
    assert backend.objects("another-bucket") == {"local/state.json": b"1"}


def test_a_changed_object_is_copied_again_and_a_removed_one_goes(backend, store, part):
    backend.apply()
    store.objects.create("state.json", b"1")
    part.reconcile()
    store.objects.replace("state.json", b"22", store.objects.read("state.json").tag)
    part.reconcile()
    assert backend.objects() == {"local/state.json": b"22"}
    shutil.rmtree(store.objects.root)
    part.reconcile()
    assert backend.objects() == {}


def test_a_new_platform_gets_everything_again(backend, store, part, project):
    backend.apply()
    store.objects.create("state.json", b"1")
    Records(project.state / FILE).add(Document(BUILD, "2026-01-01", "one", {}))
    part.reconcile()
    backend.reset()
    part.reconcile()
    backend.apply()
    part.reconcile()
    assert backend.objects() == {"local/state.json": b"1"}
    assert backend.items() == ["one"]


def test_triggers_appear_with_their_ends(backend, project, part):
    backend.apply()
    queue = Queue.of(project, "local")
    entry = queue.add(new_trigger("git hook"), "first")
    part.reconcile()
    assert set(backend.objects()) == {"local/queue/triggers/first.json"}
    queue.end(entry, ended_now(End.RELEASED, release=3))
    queue.note_running([entry])
    part.reconcile()
    assert set(backend.objects()) == {
        "local/queue/triggers/first.json",
        "local/queue/ended/first.json",
        "local/queue/running.json",
    }


def test_records_appear_in_the_table_once_they_are_stored(backend, project, part):
    records = Records(project.state / FILE)
    part.reconcile()
    backend.apply()
    records.add(Document(BUILD, "2026-01-01", "one", {}))
    part.reconcile()
    assert backend.items() == ["one"]
    for number in range(3):
        records.add(Document(BUILD, "2026-01-01", f"two {number}", {}))
    part.reconcile()
    assert backend.items() == ["one", "two 0", "two 1", "two 2"]


def test_a_database_made_anew_is_copied_from_its_first_record(backend, project, part):
    backend.apply()
    file = project.state / FILE
    for run in ("one", "two"):
        Records(file).add(Document(BUILD, "2026-01-01", run, {}))
    part.reconcile()
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()
    Records(file).add(Document(BUILD, "2026-01-01", "three", {}))
    part.reconcile()
    assert "three" in backend.items()


def test_a_database_that_cannot_be_read_now_is_read_later(backend, project, part):
    backend.apply()
    (project.state / FILE).parent.mkdir(parents=True, exist_ok=True)
    (project.state / FILE).touch()
    part.reconcile()
    Records(project.state / FILE).add(Document(BUILD, "2026-01-01", "one", {}))
    part.reconcile()
    assert backend.items() == ["one"]
