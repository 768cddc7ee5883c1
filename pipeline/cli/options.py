"""Options that several verbs share, and what they open."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.core.settings import Project, load
from pipeline.deploy.session import Session, open_session

ProjectOption = Annotated[
    Path,
    typer.Option("--project", envvar="TANDEM_PROJECT", help="The folder with tandem.toml.", show_default="."),
]
EnvOption = Annotated[
    str, typer.Option("--env", envvar="TANDEM_ENV", help="local, or an environment of tandem.toml.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]

HERE = Path()


def open_project(path: Path) -> Project:
    """The project at `path`; TandemError if its settings cannot be read."""
    return load(path.resolve())


def session(project: Project, environment: str) -> Session:
    """What a verb needs to work on `environment`; TandemError if it is unknown or not up."""
    return open_session(project, environment)
