"""tandem logs: what the containers and the API wrote."""

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console
from pipeline.core.values import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.deploy.logs import LogLine

_SINCE = "10m"


def logs(  # noqa: PLR0913, PLR0917 - its options
    source: Annotated[
        Source | None, typer.Argument(help="app, static or api.  [default: all of them]", show_default=False)
    ] = None,
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
    since: Annotated[
        str,
        typer.Option(help="How far back: 90s, 10m, 2h, 1d, or a time.  [default: 10m]", show_default=False),
    ] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Print new lines until Ctrl-C.")] = False,  # noqa: FBT002 - a flag
    release: Annotated[
        int | None, typer.Option(help="Only the lines of this release, from its start to its end.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Show what the tasks' containers and the API's function wrote.

    Each line has its time, its source, and the task or the version of the function that wrote it. With --json
    each line is an object.
    """
    from pipeline.deploy import logs as verb

    session = open_session(project, env)
    chosen_release, effect = verb.release_to_read(session.store, release)
    streams = verb.streams_of(session.platform, chosen_release, source)
    begin = effect.began if effect and not since else verb.parse_since(since or _SINCE)
    if follow and release is None:
        with suppress(KeyboardInterrupt):
            _print(verb.follow(session.aws, streams, begin), as_json=as_json)
        return
    if not _print(verb.read_once(session.aws, streams, begin, effect), as_json=as_json):
        when = f"{begin:%Y-%m-%d %H:%M:%S %Z}".rstrip()
        console.info(f"no lines since {when}; `tandem logs --env {env} --since 1d` looks further back")


def _print(lines: "Iterable[LogLine]", *, as_json: bool) -> int:
    """Print each line at once; returns their number."""
    count = 0
    for count, line in enumerate(lines, 1):  # noqa: B007 - it is returned
        console.out(json.dumps(line.to_dict()) if as_json else line, flush=True)
    return count
