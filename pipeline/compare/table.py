"""Lay the measured builds of one comparison side by side: bloated against split."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.compare.scenarios import OF_UP
from pipeline.records.build_records import BuildRecord

BLOATED = "monolith"
MEGA = 1_000_000


@dataclass(frozen=True)
class ScenarioComparison:
    """One scenario, measured both ways in the same run: seconds to build and push, bytes sent."""

    scenario: str
    bloated_seconds: float
    split_seconds: float
    bloated_bytes: int | None
    split_bytes: int | None

    @property
    def ratio(self) -> float:
        return self.bloated_seconds / self.split_seconds


def comparisons(records: Sequence[BuildRecord], run_id: str) -> list[ScenarioComparison]:
    """The scenarios of the run that were measured both ways, in the order they were built.

    A build that gave the same image as the one before it measured nothing and does not count.
    """
    digests: dict[str, str] = {}
    builds = []
    for record in (each for each in records if each.run == run_id and each.is_built):
        if digests.get(record.image) != record.digest:
            builds.append(record)
        digests[record.image] = record.digest
    scenarios = dict.fromkeys(record.scenario for record in builds)
    return [comparison for scenario in scenarios if (comparison := _comparison(scenario, builds))]


@dataclass(frozen=True)
class Measured:
    """What a comparison was made of: its start, the commits by source, the bytes of the bloated image."""

    run: str
    at: str
    commits: Mapping[str, str]
    bytes: int | None
    machine: str

    def __str__(self) -> str:
        commits = ", ".join(f"{source} {commit[:10]}" for source, commit in sorted(self.commits.items()))
        size = "" if self.bytes is None else f" ({_mega(self.bytes)})"
        return f"measured {self.at[:16].replace('T', ' ')} UTC with {commits}{size}\non {self.machine}"


def latest(records: Sequence[BuildRecord]) -> Measured | None:
    """The last comparison that measured every scenario both ways; None if there was none."""
    runs = dict.fromkeys(record.run for record in reversed(records) if record.scenario)
    return next(
        (measured(records, run) for run in runs if len(comparisons(records, run)) == len(OF_UP)), None
    )


def measured(records: Sequence[BuildRecord], run: str) -> Measured:
    """What the comparison `run` was made of: its cold build is of the sources' own commits."""
    cold = next(record for record in records if record.run == run and record.image == BLOATED)
    return Measured(run, cold.started_at, cold.commits, cold.bytes_sent, cold.machine)


def _comparison(scenario: str, records: Sequence[BuildRecord]) -> ScenarioComparison | None:
    builds = [record for record in records if record.scenario == scenario]
    bloated = [record for record in builds if record.image == BLOATED]
    split = [record for record in builds if record.image != BLOATED]
    if not bloated or not split:
        return None
    return ScenarioComparison(
        scenario, _seconds(bloated), _seconds(split), _bytes_sent(bloated), _bytes_sent(split)
    )


def _seconds(records: Iterable[BuildRecord]) -> float:
    return sum(record.seconds for record in records)


def _bytes_sent(records: Sequence[BuildRecord]) -> int | None:
    byte_counts = [record.bytes_sent for record in records if record.bytes_sent is not None]
    return sum(byte_counts) if len(byte_counts) == len(records) else None


def table(rows: Sequence[ScenarioComparison], source: Measured) -> str:
    """The comparisons as plain text, and when and of what they were measured."""
    head = f"{'build and push':<18}{'bloated':>10}{'split':>10}{'ratio':>9}{'sent bloated':>15}{'split':>13}"
    body = [
        f"{row.scenario:<18}{row.bloated_seconds:>8.2f} s{row.split_seconds:>8.2f} s{row.ratio:>8.1f}x"
        f"{_mega(row.bloated_bytes):>15}{_mega(row.split_bytes):>13}"
        for row in rows
    ]
    return "\n".join([head, *body, str(source)])


def _mega(count: int | None) -> str:
    return "unknown" if count is None else f"{count / MEGA:.2f} MB"
