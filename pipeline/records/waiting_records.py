"""Keep records that the database cannot take now, each in a file that appears whole or not at all."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.private_files import private_folder
from pipeline.records.build_record import BuildRecord
from pipeline.records.document import BUILD, Document


@dataclass(frozen=True)
class Waiting:
    """The records that wait, the lines that are none, and the files that hold them."""

    documents: tuple[Document, ...]
    torn: tuple[bytes, ...]
    files: tuple[Path, ...]


class WaitingRecords:
    """Records beside the database at `path`, in files named `path` + `.pending` and a suffix.

    A writer renames its complete file into place, so that no reader sees half of one, and needs no lock.
    Two readers may store the same record, of which the database keeps one. Lines that cannot be read are
    kept in `path` + `.bad`.
    """

    def __init__(self, path: Path) -> None:
        self._pending = path.with_name(path.name + ".pending")
        self._bad = path.with_name(path.name + ".bad")

    def add(self, document: Document) -> Path:
        """Let `document` wait; the file that holds it.

        Raises:
            OSError: It could not be written.
        """
        private_folder(self._pending.parent)
        file = self._pending.with_name(f"{self._pending.name}.{time.time_ns()}-{os.getpid()}")
        unfinished = file.with_name(f".{file.name}")
        try:
            with unfinished.open("x", encoding="utf-8") as out:
                out.write(document.dump() + "\n")
                out.flush()
                os.fsync(out.fileno())
            unfinished.rename(file)
        finally:
            unfinished.unlink(missing_ok=True)
        return file

    def read(self) -> Waiting:
        """What waits now; a file that another process has just stored is left out."""
        documents, torn_lines, files = list[Document](), list[bytes](), list[Path]()
        for file in self._files():
            with suppress(OSError):
                content = file.read_bytes()
                files.append(file)
                for line in filter(bytes.strip, content.split(b"\n")):
                    try:
                        documents.append(parse_line(line.decode()))
                    except ValueError:
                        torn_lines.append(line)
        return Waiting(tuple(documents), tuple(torn_lines), tuple(files))

    def remove(self, waiting: Waiting) -> Path | None:
        """Remove what the database has stored; the file that keeps what could not be read, if there is any.

        A file stays if it cannot be removed, or if lines of it cannot be kept: it is read again then.
        """
        with suppress(OSError):
            if waiting.torn:
                self._keep(waiting.torn)
            for file in waiting.files:
                file.unlink(missing_ok=True)
        return self._bad if waiting.torn else None

    def _files(self) -> Iterator[Path]:
        """The files in the order of their time; the unsuffixed one is of an earlier version of Tandem."""
        with suppress(OSError):
            self._pending.rename(self._pending.with_name(f"{self._pending.name}.{0:019}-{os.getpid()}"))
        with suppress(OSError):
            yield from sorted(self._pending.parent.glob(f"{self._pending.name}.*"))

    def _keep(self, lines: Sequence[bytes]) -> None:
        with self._bad.open("ab") as bad:
            bad.writelines(line + b"\n" for line in lines)


def parse_line(line: str) -> Document:
    """The record of a line, ValueError if it is none; earlier versions wrote builds alone, without a kind."""
    try:
        document = Document.load(line)
    except ValueError:
        return BuildRecord.load(line).document()
    if document.kind == BUILD:
        BuildRecord.parse(document.body)
    return document
