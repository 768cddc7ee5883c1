"""tandem up: the whole system on this machine."""

from pipeline.cli.options import HERE, ProjectOption, open_project
from pipeline.cli.up_flow import up as bring_up


def up(project: ProjectOption = HERE) -> None:
    """Bring everything up on this machine: no AWS account needed."""
    print(bring_up(open_project(project)))
