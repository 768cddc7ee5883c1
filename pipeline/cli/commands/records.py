"""tandem records: measured builds and comparisons."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import (
    HERE,
    LOCAL,
    EnvOption,
    JsonOption,
    ProjectOption,
    open_project,
    open_session,
)
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.whole_file import write_whole

if TYPE_CHECKING:
    from pipeline.records.build_records import Records
    from pipeline.records.document import Document

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Show, export and share build records.")
KindOption = Annotated[
    str,
    typer.Option(
        help="build, comparison, measurement, history, experiment or trial; empty: all.", show_default=False
    ),
]
_MEGA = 1e6
_BAR = 30


@app.command("list")
def list_records(
    kind: KindOption = "",
    last: Annotated[int, typer.Option(help="How many records to list.", min=1)] = 20,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """List the records, newest last."""
    _require_kind(kind)
    documents = _records(project).documents(kind)[-last:]
    if as_json:
        console.out(json.dumps([_values(document) for document in documents], indent=2))
    else:
        console.out("\n".join(map(_line, documents)) or "no records yet")


@app.command()
def show(
    record: Annotated[str, typer.Argument(help="The id of a record, or its beginning.")],
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Show one record: its values, and its steps one below the other."""
    from pipeline.records.step_bars import step_bars

    document = _find(_records(project).documents(), record)
    if as_json:
        console.out(json.dumps(_values(document), indent=2))
        return
    plain = {
        key: value for key, value in _values(document).items() if key not in {"steps", "spans"} and value
    }
    width = max(map(len, plain))
    console.out("\n".join(f"{key:<{width}}  {_text(value)}" for key, value in plain.items()))
    console.out("\n".join(step_bars(document)))


@app.command()
def export(  # noqa: PLR0913, PLR0917 - a command's options
    output: Annotated[
        Path | None, typer.Option(help="The file to write.  [default: standard output]", show_default=False)
    ] = None,
    form: Annotated[str, typer.Option("--format", help="json, csv or parquet.")] = "json",
    kind: KindOption = "",
    publish: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--publish", help="Put the file where the environment's API gives a link to it.")
    ] = False,
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
) -> None:
    """Write all records as JSON, CSV or Parquet.

    A published file has no names of people and no texts of errors.
    """
    from pipeline.records.export import FORMATS

    if form not in FORMATS:
        raise TandemError(
            f"there is no format {form!r}: there are {', '.join(FORMATS)}",
            hint="tandem records export --format csv",
        )
    _require_kind(kind)
    documents = _records(project).documents(kind)
    if publish:
        from pipeline.records.publish import publish as publish_records

        console.out(f"/api/{publish_records(open_session(project, env).store.objects, documents, form)}")
        return
    content = FORMATS[form](documents)
    if output is None:
        sys.stdout.buffer.write(content)
        return
    write_whole(output, content)
    console.info(f"wrote {output}: {len(content)} bytes")


@app.command()
def sync(env: EnvOption = LOCAL, project: ProjectOption = HERE) -> None:
    """Send records to the environment's table, and fetch those of others.

    All machines of an environment share the table. A record that is sent twice is stored once.
    """
    from pipeline.records.shared import sync as sync_records

    session = open_session(project, env)
    counts = sync_records(session.records, session.shared_records)
    console.out(f"{counts.sent} records sent, {counts.received} received")


@app.command()
def repair(project: ProjectOption = HERE) -> None:
    """Make a new database of what can be read of a damaged one.

    The damaged files stay beside the new database, under another name.
    """
    from pipeline.records.build_records import FILE
    from pipeline.records.repair import repair as repair_database

    result = repair_database(open_project(project).state / FILE)
    console.info(f"damage: {result.damage}" if result.damage else "the database has no damage")
    if result.aside:
        console.info(f"the damaged database is kept as {result.aside}")
    console.out(f"{result.records} records, {result.rescued} of them rescued")


@app.command()
def trend(
    image: Annotated[str, typer.Argument(help="app, static, api or monolith.")],
    last: Annotated[int, typer.Option(help="How many builds to look at.", min=2)] = 100,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Show when an image's builds became slower or faster.

    Only builds of releases count, and only those of the machine that built last.
    """
    from dataclasses import asdict

    from pipeline.records.trend import trend as read_trend

    image_trend = read_trend(_records(project).all(), image, last)
    changes_by_place = {change.place: change for change in image_trend.changes}
    if as_json:
        values = [
            {"started_at": each.started_at, "seconds": each.seconds, "commits": each.commits}
            for each in image_trend.builds
        ]
        changes = [
            asdict(change) | {"commits": image_trend.builds[change.place].commits}
            for change in image_trend.changes
        ]
        console.out(json.dumps({"image": image, "builds": values, "changes": changes}, indent=2))
        return
    longest = max((each.seconds for each in image_trend.builds), default=0.0)
    for place, build in enumerate(image_trend.builds):
        if change := changes_by_place.get(place):
            kind = "slower" if change.ratio > 1 else "faster"
            medians = f"{change.before:.2f} s -> {change.after:.2f} s"
            console.out(f"-- {kind} from here: {medians} (p {change.p:.3f})")
        bar = "#" * round(_BAR * build.seconds / longest) if longest else ""
        commits = " ".join(f"{source} {commit[:10]}" for source, commit in sorted(build.commits.items()))
        console.out(f"{build.started_at[:19]}  {commits}  {build.seconds:8.2f} s  {bar}".rstrip())
    if not image_trend.changes:
        console.info(f"no change among {len(image_trend.builds)} builds")


def _require_kind(kind: str) -> None:
    from pipeline.records.document import KINDS

    if kind and kind not in KINDS:
        raise TandemError(
            f"there is no kind {kind!r}: there are {', '.join(KINDS)}",
            hint="tandem records list --kind build",
        )


def _records(project: Path) -> "Records":
    from pipeline.records.build_records import FILE, Records

    return Records(open_project(project).state / FILE)


def _find(documents: "list[Document]", beginning: str) -> "Document":
    candidates = [document for document in documents if document.id.startswith(beginning)]
    if len(candidates) != 1:
        what = "there is no record" if not candidates else f"there are {len(candidates)} records"
        raise TandemError(f"{what} whose id begins with {beginning!r}", hint="tandem records list")
    return candidates[0]


def _values(document: "Document") -> dict[str, Any]:
    head = {
        "id": document.id,
        "kind": document.kind,
        "started_at": document.started_at,
        "run": document.run,
    }
    return head | dict(document.body)


def _line(document: "Document") -> str:
    body = document.body
    cell = body.get("cell")
    names = [*cell.values()] if isinstance(cell, dict) else [body.get("image"), body.get("scenario")]
    byte_count = body.get("bytes_sent")
    parts = [
        document.id[:10],
        document.started_at[:19],
        f"{document.kind:<11}",
        f"{_seconds(document):>8.2f} s",
        f"{byte_count / _MEGA:>9.2f} MB" if isinstance(byte_count, int) else " " * 12,
        " ".join(str(name) for name in names if name),
        str(body.get("error") or ""),
    ]
    return "  ".join(parts).rstrip()


def _seconds(document: "Document") -> float:
    seconds = document.body.get("seconds", document.body.get("spent"))
    if isinstance(seconds, int | float):
        return float(seconds)
    from pipeline.records.step_bars import steps_of

    return sum(length for _, _, length in steps_of(document))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
