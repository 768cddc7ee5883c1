"""tandem down: stop and remove what `tandem up` started."""

from pipeline.cli.options import HERE, ProjectOption, open_project


def down(project: ProjectOption = HERE) -> None:
    """Stop and remove what `tandem up` started on this machine.

    Nothing else is touched. The files in `.tandem` stay: releases, build records, the example repositories
    and caches. `make clean-all` removes them as well.
    """
    from pipeline.local import dockerd
    from pipeline.local.stack import Stack

    Stack.of(open_project(project)).stop()
    dockerd.stop_if_started_here()
