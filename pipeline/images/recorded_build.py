"""Record one build: its steps, what it gave or why it failed, and what the machine was doing."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pipeline.core import timeline
from pipeline.core.errors import TandemError
from pipeline.core.steps import Stopwatch
from pipeline.core.values import ImageRef
from pipeline.images.docker import BuiltImage
from pipeline.records import machine
from pipeline.records.build_record import BuildRecord
from pipeline.records.build_records import RecordSink
from pipeline.records.input_output import Transferred, input_output
from pipeline.records.memory import peak_memory
from pipeline.records.tools import tool_versions
from pipeline.registry import connect


@dataclass
class RecordedBuild:
    """A build under way: the block times its steps with `watch`, and says at its end what it gave."""

    record: BuildRecord
    _peak: Callable[[], int | None]
    _transferred: Callable[[], Transferred | None]
    watch: Stopwatch = field(default_factory=Stopwatch)
    is_done: bool = False

    def succeed(self, image: ImageRef, bytes_sent: int, docker_image: BuiltImage | None = None) -> None:
        """Say which image was built, and how many bytes were sent."""
        layers = connect(image.host).manifest(image).layers
        self.record = replace(
            self.record,
            digest=str(image.digest),
            bytes_sent=bytes_sent,
            image_bytes=sum(layer.size for layer in layers),
            layers=len(layers),
            cached_steps=docker_image.cached if docker_image else None,
            not_cached=docker_image.not_cached if docker_image else "",
        )
        self.is_done = True

    def finished(self, outcome: str | None = None) -> BuildRecord:
        """The record with the steps, the memory and the bytes so far."""
        transfer = self._transferred()
        record = replace(
            self.record,
            steps=tuple(self.watch.steps),
            peak_memory=self._peak(),
            bytes_read=transfer.read if transfer else None,
            bytes_written=transfer.written if transfer else None,
        )
        return record if outcome is None else replace(record, outcome=outcome)


@contextmanager
def recorded_build(  # noqa: PLR0913 - the record's fields
    records: RecordSink,
    *,
    image: str,
    scenario: str,
    run: str,
    bytes_changed: int | None,
    cache: str,
    commits: dict[str, str],
) -> Iterator[RecordedBuild]:
    """Record the build that the block makes, a failed one too; a block without `succeed` made none."""
    record = BuildRecord(
        started_at=datetime.now(UTC).isoformat(),
        image=image,
        scenario=scenario,
        run=run,
        bytes_changed=bytes_changed,
        commits=commits,
        digest="",
        cache=cache,
        bytes_sent=None,
        steps=(),
        machine=machine.describe(),
        machine_load=_load(),
        tools=tool_versions(),
        trigger=timeline.why(),
    )
    with peak_memory() as peak, input_output() as transferred:
        build = RecordedBuild(record, peak, transferred)
        try:
            yield build
        except TandemError as error:
            records.add(build.finished(error.message))
            raise
        if build.is_done:
            records.add(build.finished())


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except OSError:
        return None
