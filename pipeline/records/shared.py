"""Records that all machines share: a DynamoDB table, keyed by kind, then by start and id."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import explain_errors
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.records.build_record import BuildRecord
from pipeline.records.build_records import Recorded, Records, builds_of
from pipeline.records.document import KINDS, Document

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LARGEST = 390_000
"""Bytes: DynamoDB takes items of 400 KB with their keys and names."""
_AT_ONCE = 25


def item(document: Document) -> dict[str, dict[str, str]]:
    """The record as an item of the table, in DynamoDB's notation."""
    key = f"{document.started_at}#{document.id}"
    return {"pk": {"S": document.kind}, "sk": {"S": key}, "record": {"S": document.dump()}}


class SharedRecords:
    """The records in the table `table`. A record that is stored again is the same item."""

    def __init__(self, aws: Aws, table: str) -> None:
        self._aws, self._table = aws, table

    def add(self, record: Recorded) -> None:
        """Store `record`.

        Raises:
            TandemError: the table cannot be reached or refuses, or the record is too large for it.
        """
        document = record.document()
        line = document.dump()
        if len(line) > _LARGEST:
            raise TandemError(
                f"record {document.id} is too large for table {self._table}: {len(line)} bytes",
                hint=f"tandem records show {document.id}",
            )
        with self._explained("write to"):
            self._client.put_item(TableName=self._table, Item=item(document))

    def documents(self, kind: str = "") -> list[Document]:
        """Every record, or those of one kind, oldest first.

        Raises:
            TandemError: the table cannot be read.
        """
        with self._explained("read"):
            return [document for each in ([kind] if kind else KINDS) for document in self._query(each)]

    def all(self) -> list[BuildRecord]:
        """Every build, oldest first; TandemError if the table cannot be read."""
        return list(builds_of(self.documents(KINDS[0])))

    def _query(self, kind: str) -> Iterator[Document]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :kind",
            ExpressionAttributeValues={":kind": {"S": kind}},
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                try:
                    yield Document.load(str(item["record"]["S"]))
                except (KeyError, ValueError) as error:
                    console.info(f"a record of table {self._table} cannot be read: {error}", style="yellow")

    @property
    def _client(self) -> "DynamoDBClient":
        return self._aws.client("dynamodb")

    @contextmanager
    def _explained(self, action: str) -> Iterator[None]:
        with explain_errors(f"{action} the records' table {self._table}"):
            yield


@dataclass(frozen=True)
class Synced:
    """How many records went to the table, and how many came from it."""

    sent: int
    received: int


def sync(local: Records, shared: SharedRecords) -> Synced:
    """Send what the table lacks and receive what this machine lacks; after an interruption run it again.

    Raises:
        TandemError: the table or the database cannot be used.
    """
    sent_count = _send(local, shared, local.unsent())
    local_ids = {document.id for document in local.documents()}
    new = [document for document in shared.documents() if document.id not in local_ids]
    local.receive(new)
    return Synced(sent_count, len(new))


def _send(local: Records, shared: SharedRecords, documents: Sequence[Document]) -> int:
    """Send records and mark them in batches; what an interruption leaves unmarked is sent again."""
    for start in range(0, len(documents), _AT_ONCE):
        batch = documents[start : start + _AT_ONCE]
        for document in batch:
            shared.add(document)
        local.mark_shared([document.id for document in batch])
    return len(documents)


@dataclass
class SharedSink:
    """Takes the records of one run: each is stored here first, then in the table.

    Once the table cannot be reached, the run's later records stay here too, so that no build waits for it
    again. They are sent with the next run's first record.
    """

    local: Records
    shared: SharedRecords
    _is_reachable: bool = True
    _lock: Lock = field(default_factory=Lock)

    def add(self, record: Recorded) -> None:
        """Store `record`; a failure of the table is a message and no error."""
        document = record.document()
        self.local.add(document)
        with self._lock:
            try:
                self._share(document)
            except TandemError as error:
                console.info(f"the record stays on this machine for now: {error.message}", style="yellow")

    def _share(self, document: Document) -> None:
        if not self._is_reachable:
            self.local.mark_waiting([document.id])
            return
        try:
            self.shared.add(document)
        except TandemError:
            self._is_reachable = False
            self.local.mark_waiting([document.id])
            raise
        self.local.mark_shared([document.id])
        _send(self.local, self.shared, self.local.waiting())
