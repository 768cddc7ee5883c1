"""Both stores keep the same promises, and a table that cannot be reached loses no record."""

from dataclasses import replace

import pytest

from pipeline.core.errors import TandemError
from pipeline.records import shared as shared_module
from pipeline.records.build_records import Records
from pipeline.records.document import KINDS, Document
from pipeline.records.shared import SharedRecords, SharedSink, Synced, sync
from tests.records.example_record import RECORD
from tests.support.aws_access import aws
from tests.support.local_aws import mocked_aws

__all__ = ["mocked_aws"]

LATER = replace(RECORD, image="api", started_at="2026-01-03T00:00:00+00:00")


@pytest.fixture
def table(mocked_aws):  # noqa: ARG001 - the fixture
    """The table as terraform/modules/records makes it."""
    aws().client("dynamodb").create_table(
        TableName="shop-dev-records",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    return SharedRecords(aws(), "shop-dev-records")


@pytest.fixture
def local(tmp_path):
    return Records(tmp_path / "records.sqlite")


@pytest.fixture(params=["sqlite", "dynamodb"])
def store(request, local):
    return local if request.param == "sqlite" else request.getfixturevalue("table")


def test_a_record_comes_back_as_it_was(store):
    full = replace(RECORD, layers=2, tools={"git": "2"}, machine_load=0.5, not_cached="3/7 COPY ü")
    store.add(full)
    assert store.all() == [full]


def test_records_come_oldest_first_and_once(store):
    for record in (RECORD, LATER, RECORD):
        store.add(record)
    assert store.all() == [RECORD, LATER]


def test_kinds_are_kept_apart(store):
    documents = [Document(kind, RECORD.started_at, "r", {"a": [1, None, 0.5, "ü"]}) for kind in KINDS]
    for document in documents:
        store.add(document)
    assert store.documents("measurement") == [documents[2]]
    assert store.documents() == documents


def test_an_empty_store_has_nothing(store):
    assert (store.all(), store.documents()) == ([], [])


def test_more_records_than_a_page_has_are_read(table):
    body = {"text": "x" * 100_000}
    for number in range(15):
        table.add(Document("measurement", f"2026-01-{number + 1:02}", "r", body))
    assert len(table.documents("measurement")) == 15


def test_two_machines_get_each_others_records(table, local, tmp_path):
    other = Records(tmp_path / "other.sqlite")
    local.add(RECORD)
    other.add(LATER)
    assert sync(local, table) == Synced(1, 0)
    assert sync(other, table) == Synced(1, 1)
    assert sync(local, table) == Synced(0, 1)
    assert sync(local, table) == Synced(0, 0), "nothing twice"
    assert sorted(record.image for record in local.all()) == ["api", "app"]
    assert sorted(record.image for record in other.all()) == ["api", "app"]


@pytest.mark.slow
def test_an_interrupted_sync_continues(table, local, monkeypatch):
    for number in range(60):
        local.add(replace(RECORD, run=str(number)))
    put = SharedRecords.add
    sent = []

    def breaks(shared, document):
        if len(sent) == 30:
            raise TandemError("cannot write")
        sent.append(document)
        put(shared, document)

    with monkeypatch.context() as patch:
        patch.setattr(SharedRecords, "add", breaks)
        with pytest.raises(TandemError, match="cannot write"):
            sync(local, table)
    assert sync(local, table) == Synced(35, 0), "those of the broken batch go again"
    assert len(table.documents()) == 60


def test_without_a_table_a_sync_says_why(mocked_aws, local):  # noqa: ARG001 - the fixture
    local.add(RECORD)
    with pytest.raises(TandemError, match="cannot write to the records' table none"):
        sync(local, SharedRecords(aws(), "none"))
    with pytest.raises(TandemError, match="cannot read the records' table none"):
        SharedRecords(aws(), "none").documents()


def test_a_record_that_the_table_cannot_take_is_refused(table):
    with pytest.raises(TandemError, match=r"is too large for table shop-dev-records: 5000\d\d bytes"):
        table.add(Document("measurement", "2026-01-01", "r", {"text": "x" * 500_000}))


def test_a_run_stores_its_records_here_and_in_the_table(table, local):
    SharedSink(local, table).add(RECORD)
    assert table.all() == [RECORD] == local.all()
    assert local.unsent() == []


def test_records_of_earlier_runs_here_are_not_sent_by_themselves(table, local):
    local.add(LATER)
    SharedSink(local, table).add(RECORD)
    assert table.all() == [RECORD]


def test_while_the_table_cannot_be_reached_records_stay_and_are_sent_later(table, local, monkeypatch, capsys):
    calls = []

    def unreachable(_shared, document):
        calls.append(document)
        raise TandemError("cannot write to the records' table: it does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(SharedRecords, "add", unreachable)
        sink = SharedSink(local, table)
        sink.add(RECORD)
        sink.add(LATER)
    assert len(calls) == 1, "the second record does not wait for the table again"
    assert "stays on this machine for now" in capsys.readouterr().err
    assert table.documents() == []
    third = replace(RECORD, run="next")
    SharedSink(local, table).add(third)
    assert sorted(record.run for record in table.all()) == ["next", "r1", "r1"]
    assert sync(local, table) == Synced(0, 0)


def test_an_item_of_another_shape_hides_no_other(table, capsys):
    table.add(RECORD)
    item = {"pk": {"S": "build"}, "sk": {"S": "2026"}, "record": {"S": "torn"}}
    aws().client("dynamodb").put_item(TableName="shop-dev-records", Item=item)
    assert table.all() == [RECORD]
    assert "cannot be read" in capsys.readouterr().err


def test_a_locked_database_stops_no_run(table, local, tmp_path, monkeypatch):
    """What cannot be marked is sent again, which changes nothing."""
    import sqlite3  # noqa: PLC0415 - beside its only use

    monkeypatch.setattr("pipeline.records.build_records._BUSY_SECONDS", 0.05)
    local.add(LATER)
    holder = sqlite3.connect(tmp_path / "records.sqlite", isolation_level=None)
    holder.execute("begin exclusive")
    SharedSink(local, table).add(RECORD)
    assert table.all() == [RECORD]
    holder.close()
    assert shared_module.sync(local, table).sent in {1, 2}
    assert sorted(record.image for record in table.all()) == ["api", "app"]
