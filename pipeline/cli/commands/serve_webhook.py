"""tandem serve-webhook: take push events of git services over HTTP."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_project


def serve_webhook(  # noqa: PLR0913, PLR0917 - the options of a server
    env: EnvOption,
    project: ProjectOption = HERE,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=0, max=65535)] = 8765,
    secret_file: Annotated[
        Path | None,
        typer.Option(
            help="A file with the secret; a second line may hold the one before it.  "
            "[default: the variable TANDEM_WEBHOOK_SECRET]"
        ),
    ] = None,
    every: Annotated[
        int, typer.Option(help="Seconds between two looks for pushes whose delivery was lost.", min=10)
    ] = 900,
) -> None:
    """Take push events of GitHub, GitLab, Gitea and Bitbucket, and release after each.

    A delivery is checked against the secret, stored durably in the queue, and answered at once; `tandem
    reconcile` then releases what waits, in a process of its own. Deliveries that are not signed, or that move
    no branch of a source, are refused or ignored with one line in the log. A proxy in front adds TLS.
    """
    from pipeline.triggers.webhook.serve import read_secrets, serve

    serve(open_project(project), env, read_secrets(secret_file), (host, port), every)
