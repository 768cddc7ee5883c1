"""tandem preview: build commits and compare them with what runs, without releasing them."""

import json
from typing import Annotated

import typer

from pipeline.cli.exit_codes import ExitCode
from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console
from pipeline.core.console import info
from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source


def preview(  # noqa: PLR0913, PLR0917 - its options
    commit: Annotated[
        list[str], typer.Option(help="SOURCE=COMMIT: an id, a branch or a tag; once for each source.")
    ],
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
    serve: Annotated[bool, typer.Option("--serve", help="Then serve it on this machine.")] = False,  # noqa: FBT002 - a flag
    for_: Annotated[
        str, typer.Option("--for", help="How long to serve: 90s, 10m, 2h.  [default: until Ctrl-C]")
    ] = "",
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0: the first free one after local.port."),
    ] = 0,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Build chosen commits and compare them with what runs; for pull requests.

    Prints Markdown for the comment of a pull request: commits, images, changed fields, and whether every
    check passes. Other sources have their heads. Images are pushed, so that the release after a merge finds
    them; nothing else changes. The exit code is 1 if the commits could not be released.

    With --serve the images then run on this machine, beside the local stack and without touching it, on a
    port of their own.
    """
    from pipeline.deploy.preview import preview as verb
    from pipeline.deploy.preview import seconds_of, serve_preview
    from pipeline.git.sources import resolve

    seconds = seconds_of(for_) if for_ else None
    session = open_session(project, env)
    commits: dict[Source, Commit] = {}
    for what in commit:
        source, _, name = what.partition("=")
        if source not in set(Source) or not name:
            raise TandemError(
                f"{what!r} names no source and commit", hint="tandem preview --commit app=BRANCH"
            )
        if Source(source) in commits:
            raise TandemError(
                f"two commits are named for {source}", hint=f"tandem preview --commit {source}=COMMIT"
            )
        commits[Source(source)] = resolve(session.project, Source(source), name)
    commit_preview = verb(session, commits)
    console.out(json.dumps(commit_preview.to_dict(), indent=2) if as_json else commit_preview.markdown())
    if serve:
        serve_preview(session, commit_preview, port, seconds, _tell)
    if commit_preview.problem:
        raise typer.Exit(ExitCode.FAILED)


def _tell(url: str) -> None:
    info(f"url  {url} (Ctrl-C ends it)", style="bold")
