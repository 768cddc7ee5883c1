"""tandem down: remove what `tandem up` made."""

from pipeline.cli.options import HERE, ProjectOption, open_project
from pipeline.local import dockerd as docker_engine
from pipeline.local.stack import Stack


def down(project: ProjectOption = HERE) -> None:
    """Remove all that `up` made on this machine, and nothing else."""
    Stack.of(open_project(project)).stop()
    docker_engine.stop_if_ours()
