"""Lay the measured builds of one comparison side by side: bloated against split."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.records.build_records import BuildRecord

BLOATED = "monolith"
MEGA = 1_000_000


@dataclass(frozen=True)
class Comparison:
    """One scenario, measured both ways in the same run: seconds to build and push, bytes sent."""

    scenario: str
    bloated_seconds: float
    split_seconds: float
    bloated_bytes: int | None
    split_bytes: int | None

    @property
    def ratio(self) -> float:
        return self.bloated_seconds / self.split_seconds


def comparisons(records: Sequence[BuildRecord], run_id: str) -> list[Comparison]:
    """The scenarios of the run that were measured both ways, in the order they were built."""
    of_run = [record for record in records if record.run == run_id]
    scenarios = dict.fromkeys(record.scenario for record in of_run)
    return [comparison for scenario in scenarios if (comparison := _comparison(scenario, of_run))]


def latest_run(records: Sequence[BuildRecord]) -> str:
    """The id of the last comparison's run; empty if there was none."""
    return next((record.run for record in reversed(records) if record.scenario), "")


def _comparison(scenario: str, records: Sequence[BuildRecord]) -> Comparison | None:
    builds = [record for record in records if record.scenario == scenario]
    bloated = [record for record in builds if record.image == BLOATED]
    split = [record for record in builds if record.image != BLOATED]
    if not bloated or not split:
        return None
    return Comparison(scenario, _seconds(bloated), _seconds(split), _sent(bloated), _sent(split))


def _seconds(records: Iterable[BuildRecord]) -> float:
    return sum(record.seconds for record in records)


def _sent(records: Sequence[BuildRecord]) -> int | None:
    """Bytes sent; None if one of the builds did not count them."""
    sent = [record.bytes_sent for record in records if record.bytes_sent is not None]
    return sum(sent) if len(sent) == len(records) else None


def table(measured: Sequence[Comparison], machine: str) -> str:
    """The comparisons as plain text, 78 columns at most."""
    head = f"{'build and push':<18}{'bloated':>10}{'split':>10}{'ratio':>9}{'sent bloated':>15}{'split':>13}"
    body = [
        f"{row.scenario:<18}{row.bloated_seconds:>8.2f} s{row.split_seconds:>8.2f} s{row.ratio:>8.1f}x"
        f"{_mega(row.bloated_bytes):>15}{_mega(row.split_bytes):>13}"
        for row in measured
    ]
    return "\n".join([head, *body, f"on {machine}"])


def _mega(count: int | None) -> str:
    return "unknown" if count is None else f"{count / MEGA:.2f} MB"
