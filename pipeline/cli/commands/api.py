"""tandem api: the API alone from its work tree, live and without commits."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import HERE, ProjectOption, open_project


def api(
    folder: Annotated[Path | None, typer.Argument(help="The API's work tree.")] = None,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0: the first free one after local.port."),
    ] = 0,
    project: ProjectOption = HERE,
) -> None:
    """Serve the API alone on this machine until Ctrl-C: live, without commits or a release.

    It runs in a container as Lambda runs it, as with `tandem dev`, and without the rest of the site: the
    app's and the content's repositories are not read. Each change of a file starts a build; what does not
    start does not replace what runs. Without a folder it has that of tandem.toml, if it is one on this
    machine, else the head of its branch. It has the variables of tandem.toml, no secrets and no credentials.
    """
    from pipeline.core.console import info
    from pipeline.local.dev.work_trees import serve_api

    serve_api(
        open_project(project),
        folder,
        port,
        lambda url: info(f"url      {url} (Ctrl-C ends it)", style="bold"),
    )
