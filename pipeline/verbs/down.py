"""tandem down: remove what `tandem up` made."""

from pipeline.local import docker_engine
from pipeline.local.stack import Stack
from pipeline.verbs.options import HERE, ProjectOption, open_project


def down(project: ProjectOption = HERE) -> None:
    """Remove all that `up` made on this machine, and nothing else."""
    Stack.of(open_project(project)).stop()
    docker_engine.stop_if_ours()
