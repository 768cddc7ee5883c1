"""A queue in a folder, triggers in it, and what the list of them says."""

from pathlib import Path

import pytest

from pipeline.cli.commands.queue import list_triggers
from pipeline.core.values import Source
from pipeline.triggers.queue import Queue, new_trigger


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path / "queue")


def add(queue: Queue, source: Source = Source.APP, name: str = "") -> str:
    entry = queue.add(new_trigger("a test", source, "1" * 40, "2" * 40), name)
    assert entry is not None
    return entry.id


def states(queue: Queue) -> list[str]:
    return [row["state"] for row in list_triggers(queue, 20)]
