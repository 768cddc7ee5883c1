"""Turn measured rows into the tables of docs/internals/benchmarks.md."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.images.static.layers.progress import size
from tests.bench.measure import Measurement

_BEGIN, _END = "<!-- figures: made by `make bench-static` -->", "<!-- end of figures -->"


def line(row: Measurement) -> str:
    """A row for the terminal."""
    return (
        f"{row.megabytes:>5} MB  {row.tool:15} {row.case:24} {row.build:8.3f} s + {row.push:7.2f} s"
        f"  sent {size(row.sent):>8}  changed {size(row.changed):>8}  read {size(row.read):>8}"
        f"  memory {size(row.memory):>8}"
    )


def write(page: Path, machine: str, rows: Sequence[Measurement], thousand: Mapping[str, float]) -> None:
    """Replace the figures in `page`."""
    text = page.read_text()
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    page.write_text(f"{before}{_BEGIN}\n\nMachine: {machine}\n\n{table(rows, thousand)}\n{_END}{after}")


def table(rows: Sequence[Measurement], thousand: Mapping[str, float]) -> str:
    """All figures as Markdown."""
    return "\n".join([*_cases(rows), "", *_aims(rows, thousand), "", *_thousand(thousand), ""])


def _cases(rows: Sequence[Measurement]) -> Iterator[str]:
    for megabytes in sorted({row.megabytes for row in rows}):
        yield f"### {megabytes} MB\n"
        yield "| case | tool | build + push | of it push | sent | changed | read | peak memory |"
        yield "|---|---|---:|---:|---:|---:|---:|---:|"
        for row in rows:
            if row.megabytes == megabytes:
                push = f"{row.push:.2f} s" if row.push else "both at once"
                figures = (size(row.sent), size(row.changed), _or_dash(row.read), _or_dash(row.memory))
                yield f"| {row.case} | {row.tool} | {row.total:.3f} s | {push} | {' | '.join(figures)} |"
        yield ""


def _aims(rows: Sequence[Measurement], thousand: Mapping[str, float]) -> Iterator[str]:
    largest, smallest = max(row.megabytes for row in rows), min(row.megabytes for row in rows)
    by_case = {(row.megabytes, row.tool, row.case): row for row in rows}

    def seconds(tool: str, case: str, megabytes: int = largest) -> float:
        row = by_case.get((megabytes, tool, case))
        return row.total if row else float("nan")

    one, cold = seconds("tandem", "1 file"), seconds("tandem", "cold")
    fresh = by_case[largest, "tandem", "1 file, fresh machine"]
    moved = f"{size(fresh.read)} read, {size(fresh.sent)} sent for {size(fresh.changed)} changed"
    few = seconds("tandem", "1 file", smallest)
    times = {
        "1 file, warm: 1,000 times docker classic": seconds("docker classic", "1 file") / one,
        "1 file, warm: 100 times BuildKit": seconds("docker BuildKit", "1 file") / one,
        "cold: 10 times docker classic": seconds("docker classic", "cold") / cold,
        "cold: faster than umoci + skopeo": seconds("umoci + skopeo", "cold") / cold,
        f"{largest // smallest} times the files: less than 2 times": one / few,
    }
    others = {
        "1 file, fresh machine: under 2 s": f"{fresh.total:.2f} s",
        "its bytes: changed + 1 % of the tree's metadata": moved,
        "nothing changed: under 0.3 s": f"{seconds('tandem', 'nothing'):.3f} s",
        "bytes sent, median of all commits: 1.5 times changed": f"{thousand['ratio_median']:.2f} times",
    }
    yield f"### Aims, at {largest} MB\n"
    yield "| aim | measured |"
    yield "|---|---:|"
    yield from (f"| {aim} | {times[aim]:,.2f} times |" for aim in times)
    yield from (f"| {aim} | {others[aim]} |" for aim in others)


def _thousand(figures: Mapping[str, float]) -> Iterator[str]:
    def sizes(*names: str) -> str:
        return " / ".join(size(figures[name]) for name in names)

    seconds = f"{figures['seconds_median']:.3f} / {figures['seconds_most']:.2f}"
    facts = {
        "changed / sent per commit, median": sizes("changed_median", "sent_median"),
        "sent / changed, median": f"{figures['ratio_median']:.2f}",
        "sent / changed, all commits with their merges": f"{figures['ratio_total']:.2f}",
        "seconds per commit, median / most": seconds,
        "layers, median / most": f"{figures['layers_median']:.0f} / {figures['layers_most']:.0f}",
        "compactions, off the critical path": f"{figures['compactions']:.0f}",
        "sent by them": sizes("compacted_bytes"),
        "seconds of them": f"{figures['compacted_seconds']:.0f}",
        "image at first / at last": sizes("bytes_cold", "bytes_last"),
        "unpacked bytes hidden at last": sizes("hidden_last"),
        "files that differ from the tree at last": f"{figures['problems']:.0f}",
    }
    yield f"### {figures['commits']:.0f} commits on {figures['megabytes']:.0f} MB\n"
    yield "| figure | value |"
    yield "|---|---:|"
    yield from (f"| {name} | {facts[name]} |" for name in facts)


def _or_dash(count: int) -> str:
    return size(count) if count else "-"
