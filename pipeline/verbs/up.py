"""tandem up: the whole system on this machine."""

from pipeline.up import up as bring_up
from pipeline.verbs.options import HERE, ProjectOption, open_project


def up(project: ProjectOption = HERE) -> None:
    """Bring everything up on this machine: no AWS account needed."""
    print(bring_up(open_project(project)))
