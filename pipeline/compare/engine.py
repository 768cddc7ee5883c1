"""Run a comparison: measure the planned cells in turns, and record each measurement at once."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.compare.build_plan import Plan
from pipeline.compare.measurement import Cell, Measurement, Variant
from pipeline.compare.scenarios import Edit, Scenario
from pipeline.compare.schedule import Progress, next_cell, progress
from pipeline.compare.workspace import Built, Workspace
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.records.build_records import Records
from pipeline.records.memory import peak_memory

MakeWorkspace = Callable[[str, Variant], Workspace]
Report = Callable[[Measurement, Progress], None]


@dataclass
class Comparison:
    """A comparison under way: its plan, what was measured, and the workspaces of the current size."""

    run: str
    plan: Plan
    machine: str
    records: Records
    make_workspace: MakeWorkspace
    report: Report
    done: list[Measurement] = field(default_factory=list)
    _workspaces: dict[Variant, Workspace] = field(default_factory=dict)
    _size: str = ""

    def run_to_the_end(self) -> Sequence[Measurement]:
        """Measure until the plan says that it is enough; what was measured, earlier sessions' included."""
        while cell := next_cell(self.plan, self.done):
            workspace = self._workspace(cell)
            if not workspace.is_warm and cell.scenario is not Scenario.COLD:
                warm_up = self._measure(replace(cell, scenario=Scenario.BOTH), workspace, is_warm_up=True)
                if warm_up.error:
                    # The cell cannot be measured without an earlier build; the failure is its own.
                    self._add(replace(warm_up, cell=cell, is_warm_up=False, spent=0.0))
                    continue
            self._measure(cell, workspace)
        return self.done

    def _workspace(self, cell: Cell) -> Workspace:
        if cell.size != self._size:
            self._size, self._workspaces = cell.size, {}
        if cell.variant not in self._workspaces:
            self._workspaces[cell.variant] = self.make_workspace(cell.size, cell.variant)
        return self._workspaces[cell.variant]

    def _measure(self, cell: Cell, workspace: Workspace, *, is_warm_up: bool = False) -> Measurement:
        number = len(self.done)
        measurement = measure(
            Measurement(
                run=self.run,
                started_at=datetime.now(UTC).isoformat(),
                cell=cell,
                machine=self.machine,
                seconds=0.0,
                spent=0.0,
                is_warm_up=is_warm_up,
                load=_load(),
            ),
            workspace,
            mark=f"{self.run} {number} {cell}",
        )
        self._add(measurement)
        return measurement

    def _add(self, measurement: Measurement) -> None:
        self.records.add(measurement)
        self.done.append(measurement)
        self.report(measurement, progress(self.plan, self.done))


def measure(empty: Measurement, workspace: Workspace, mark: str) -> Measurement:
    """Build what `empty` describes; the measurement. A build that fails gives one with its error."""
    began = time.monotonic()
    scenario = empty.cell.scenario
    try:
        edit = workspace.edit(scenario, mark)
        builder, commits = workspace.prepare(scenario), workspace.heads()
        with console.muted(), peak_memory() as peak:
            start = time.monotonic()
            built = workspace.build(builder, commits, edit)
            seconds = time.monotonic() - start
            memory = peak()
    except TandemError as error:
        return replace(empty, error=error.message, spent=time.monotonic() - began)
    return replace(
        _with_build(empty, built, edit),
        seconds=seconds,
        spent=time.monotonic() - began,
        peak_memory=memory,
        content_bytes=workspace.content_bytes,
        commits=tuple(f"{source} {commit.id}" for source, commit in sorted(commits.items())),
    )


def _with_build(empty: Measurement, built: Built, edit: Edit) -> Measurement:
    return replace(
        empty,
        bytes_changed=None if empty.cell.scenario is Scenario.COLD else edit.bytes,
        bytes_sent=built.bytes_sent,
        spans=built.spans,
        images=tuple(str(image) for _, image in sorted(built.images.items())),
    )


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def disk_needed(content_bytes: int) -> int:
    """Bytes of disk that a comparison on content of that size takes at most.

    Docker holds two images of all content and their contexts, the registries up to six compressed copies.
    """
    return 12 * content_bytes + 2 * 10**9


def require_disk(
    folder: Path, content_bytes: int, free: int, command: str = 'tandem compare builds --size "150 MB"'
) -> None:
    """Refuse content for which the disk has no room; `command` is of content that needs less.

    Raises:
        TandemError: less than `disk_needed` is free.
    """
    needed_bytes = disk_needed(content_bytes)
    if free < needed_bytes:
        raise TandemError(
            f"content of {content_bytes / 1e6:.0f} MB needs about {needed_bytes / 1e9:.0f} GB of disk"
            f" to compare: {free / 1e9:.0f} GB are free under {folder}",
            hint=command,
        )
