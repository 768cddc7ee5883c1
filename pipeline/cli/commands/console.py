"""tandem console: the page that shows what runs, on this machine."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, LOCAL, EnvOption, ProjectOption, open_session


def console(
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 8090,
) -> None:
    """Serve a page on this machine that shows an environment's releases as they happen.

    It reads the release store and the build records with your credentials, so nothing of the environment
    need be exposed. Triggers are those of this machine's queue. The page of an environment in an account
    shows the other environments of tandem.toml beside it, as far as your credentials read them. Ctrl-C ends
    it.
    """
    from pipeline.deploy.console_server import serve

    serve(open_session(project, env), port)
