"""tandem down: remove what `tandem up` made."""

from pipeline.cli.options import HERE, ProjectOption, open_project
from pipeline.local import dockerd
from pipeline.local.stack import Stack


def down(project: ProjectOption = HERE) -> None:
    """Remove all that `up` made on this machine, and nothing else."""
    Stack.of(open_project(project)).stop()
    dockerd.stop_if_started_here()
