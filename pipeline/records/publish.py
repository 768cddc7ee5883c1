"""Put records beside an environment's releases, where its API gives a link to them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from pipeline.core.errors import TandemError
from pipeline.records.document import Document
from pipeline.records.export import FORMATS

_NAMES = frozenset({"trigger"})
_TEXTS = ("outcome", "error")
_HARMLESS = frozenset({"", "built"})


class _Stored(Protocol):
    @property
    def tag(self) -> str: ...


class ExportObjects(Protocol):
    """What `pipeline.deploy.store.objects` promises of reading and writing."""

    def read(self, key: str) -> _Stored | None: ...
    def create(self, key: str, data: bytes) -> bool: ...
    def replace(self, key: str, data: bytes, tag: str) -> bool: ...


def publish(objects: ExportObjects, documents: Sequence[Document], form: str) -> str:
    """Write the records as `exports/records.FORM`; the key.

    Who started a build and why one failed is left out: everybody who reaches the API can read the file.

    Raises:
        TandemError: the file cannot be written, or another process wrote it at the same time.
    """
    key = f"exports/records.{form}"
    data = FORMATS[form]([_public(document) for document in documents])
    if not objects.create(key, data):
        stored = objects.read(key)
        if stored is None or not objects.replace(key, data, stored.tag):
            raise TandemError(
                f"another process has just written {key}",
                hint=f"tandem records export --publish --format {form}",
            )
    return key


def _public(document: Document) -> Document:
    body = {key: value for key, value in document.body.items() if key not in _NAMES}
    body |= {key: "failed" for key in _TEXTS if body.get(key, "") not in _HARMLESS}
    return replace(document, body=body)
