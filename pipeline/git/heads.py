"""Resolve the heads of all sources at the same time."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from pipeline.core.interrupts import interruptible
from pipeline.core.settings import Project
from pipeline.core.values import Commit, Source
from pipeline.git import sources


def heads(project: Project) -> Mapping[Source, Commit]:
    """The commit at the head of each source, read from the repositories themselves.

    Raises:
        TandemError: A repository cannot be read, is empty, or lacks its branch.
    """
    active = project.settings.active_sources
    with ThreadPoolExecutor(len(active)) as pool, interruptible():
        return dict(zip(active, pool.map(lambda source: sources.head(project, source), active), strict=True))
