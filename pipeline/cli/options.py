"""Options that several verbs share, and the project and session that they open."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.core.settings import Project
    from pipeline.deploy.session import Session

ProjectOption = Annotated[
    Path,
    typer.Option(
        "--project", envvar="TANDEM_PROJECT", help="The folder that holds tandem.toml.", show_default="."
    ),
]
EnvOption = Annotated[
    str, typer.Option("--env", envvar="TANDEM_ENV", help="local, or an environment of tandem.toml.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the data as JSON.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Print what would be done; change nothing.")]
WhyOption = Annotated[str, typer.Option(help="The reason, for the audit trail.")]

HERE = Path()
LOCAL = "local"
"""The environment that verbs look at which change nothing; verbs that change something must be told."""


def open_project(path: Path) -> "Project":
    """The project in the folder `path`; TandemError if its settings cannot be read."""
    from pipeline.core import settings  # noqa: PLC0415

    return settings.load(path.resolve())


def open_session(path: Path, environment: str) -> "Session":
    """A session of the project in `path`; TandemError if `environment` is unknown, or local and not up."""
    from pipeline.core.timeline import process_start  # noqa: PLC0415
    from pipeline.deploy import session  # noqa: PLC0415

    new_session = session.open_session(open_project(path), environment)
    new_session.began = process_start()
    return new_session
