"""tandem down: remove what `tandem up` created."""

from pipeline.cli.options import HERE, ProjectOption, open_project


def down(project: ProjectOption = HERE) -> None:
    """Remove everything that `tandem up` created on this machine.

    Nothing else is touched. Releases, build records and the example repositories stay: they are files.
    """
    from pipeline.local import dockerd
    from pipeline.local.stack import Stack

    Stack.of(open_project(project)).stop()
    dockerd.stop_if_started_here()
