"""tandem dev: app, content and API from work trees, live and without commits."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import HERE, ProjectOption, open_project

_Folder = Path | None


def dev(
    app: Annotated[_Folder, typer.Option(help="The app's work tree.")] = None,
    static: Annotated[_Folder, typer.Option(help="The content's work tree.")] = None,
    api: Annotated[_Folder, typer.Option(help="The API's work tree.")] = None,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0: the first free one after local.port."),
    ] = 0,
    project: ProjectOption = HERE,
) -> None:
    """Serve app, content and API from work trees until Ctrl-C: live, without commits or a release.

    The app's image runs as in a task, with the content's files where the static image's volume would be, and
    the API as in Lambda. A changed file of the content is there at once; a change of the app or the API
    starts a build, and what does not become healthy does not replace what runs. A source without a folder has
    that of tandem.toml, if it is one on this machine, else the head of its branch. It has what a commit of
    everything would have: no ignored and no untracked hidden file, no link out of the tree. The stack need
    not run, and is not touched.
    """
    from pipeline.core.console import info
    from pipeline.core.values import Source
    from pipeline.local.dev.work_trees import serve_work_trees

    folders = {Source.APP: app, Source.STATIC: static, Source.API: api}
    serve_work_trees(
        open_project(project),
        {source: folder for source, folder in folders.items() if folder},
        port,
        lambda url: info(f"url      {url} (Ctrl-C ends it)", style="bold"),
    )
