"""Keep build records in SQLite; when the database fails, a record waits and the release goes on."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.steps import Step

SCHEMA = 1
_BUSY_SECONDS = 2.0
_TABLE = """
create table build (
    id integer primary key,
    started_at text not null,   -- UTC, ISO 8601
    image text not null,        -- app | static | api | monolith | site
    scenario text not null,     -- '' for a build of a release
    run text not null,          -- builds of one comparison share it
    commits text not null,      -- JSON: source -> commit
    digest text not null,
    cache text not null,        -- cold | warm
    seconds real not null,      -- sum of the steps
    bytes_sent integer,         -- to the registry; null where the builder cannot tell
    steps text not null,        -- JSON: [{name, seconds}]
    machine text not null,
    unique (run, image, scenario, started_at)
)
"""


@dataclass(frozen=True)
class BuildRecord:
    """One measured build."""

    started_at: str
    image: str
    scenario: str
    run: str
    commits: dict[str, str]
    digest: str
    cache: str
    bytes_sent: int | None
    steps: tuple[Step, ...]
    machine: str

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)


class Records:
    """The build records of a project, in the database at `path`.

    While the database is locked, corrupt or of another schema, records wait in `path` + `.pending`, one JSON
    object a line. The next call that can write stores them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pending = path.with_name(path.name + ".pending")

    def add(self, record: BuildRecord) -> None:
        """Store `record`; if the database fails, the record waits."""
        try:
            with self._open() as database:
                self._drain(database)
                _insert(database, record)
        except (sqlite3.Error, TandemError) as error:
            self._postpone(record)
            console.info(f"the build record waits in {self._pending}: {error}", style="yellow")

    def all(self) -> list[BuildRecord]:
        """Every record, oldest first.

        Raises:
            TandemError: The database cannot be read, or has another schema.
        """
        try:
            with self._open() as database:
                self._drain(database)
                rows = database.execute("select * from build order by id").fetchall()
        except sqlite3.Error as error:
            raise TandemError(
                f"cannot read the build records in {self._path}: {error}",
                hint=f"move {self._path} away; a new one is made, and pending records are written to it",
            ) from error
        return [_record(row) for row in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as database:
            database.row_factory = sqlite3.Row
            with database:
                self._prepare(database)
                yield database

    def _prepare(self, database: sqlite3.Connection) -> None:
        database.execute("begin immediate")
        (version,) = database.execute("pragma user_version").fetchone()
        if version == 0:
            database.execute(_TABLE)
            database.execute(f"pragma user_version = {SCHEMA}")
        elif version != SCHEMA:
            raise TandemError(
                f"{self._path} has schema {version}, this version of Tandem supports {SCHEMA}",
                hint=f"update Tandem, or move {self._path} away",
            )

    def _postpone(self, record: BuildRecord) -> None:
        with self._pending.open("a", encoding="utf-8") as pending:
            pending.write(json.dumps(asdict(record)) + "\n")

    def _drain(self, database: sqlite3.Connection) -> None:
        # The file is renamed first, so that no line is added while it is read. A renamed file that a crash
        # left is read before a new one; the database ignores records that it has already.
        renamed = self._pending.with_name(self._pending.name + ".taken")
        if not renamed.exists():
            if not self._pending.exists():
                return
            self._pending.rename(renamed)
        for line in renamed.read_text(encoding="utf-8").splitlines():
            _insert(database, _parsed(json.loads(line)))
        database.commit()
        renamed.unlink()


def _insert(database: sqlite3.Connection, record: BuildRecord) -> None:
    row = {
        **asdict(record),
        "commits": json.dumps(record.commits),
        "steps": json.dumps([asdict(step) for step in record.steps]),
        "seconds": record.seconds,
    }
    columns = ", ".join(row)
    marks = ", ".join(f":{column}" for column in row)
    # The column names come from BuildRecord, the values are bound.
    database.execute(f"insert or ignore into build ({columns}) values ({marks})", row)  # noqa: S608


def _record(row: sqlite3.Row) -> BuildRecord:
    values = {key: row[key] for key in row.keys() if key not in {"id", "seconds"}}  # noqa: SIM118 - a Row is no dict
    return _parsed({**values, "commits": json.loads(row["commits"]), "steps": json.loads(row["steps"])})


def _parsed(values: dict[str, Any]) -> BuildRecord:
    steps: Sequence[dict[str, Any]] = values.pop("steps")
    return BuildRecord(**values, steps=tuple(Step(**step) for step in steps))
