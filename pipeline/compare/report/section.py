"""A section of the report about an experiment: sentences, charts with equivalence bands, and a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.compare.experiment import ExperimentPlan
from pipeline.compare.experiment_results import (
    BETTER,
    UNCERTAIN,
    WORSE,
    FigureResult,
    MeasuredExperiment,
    counts,
)
from pipeline.compare.report.drawing import Chart


@dataclass(frozen=True)
class Table:
    """A table of texts; the first column names the row."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """One section, the same for HTML and Markdown."""

    title: str
    sentences: tuple[str, ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]
    failures: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]


def how_compared(plan: ExperimentPlan) -> str:
    """How to read the bands and the verdicts."""
    return (
        "The grey band is where a variant is as good as the bloated image. Lines are 90 % intervals of the"
        f' ratio of geometric means. "No difference shown" is said only where two one-sided tests within'
        f" ±{plan.margin * 100:g} % pass, after Holm's correction for all comparisons of that figure."
    )


def verdict_sentences(results: Sequence[FigureResult], names: Mapping[str, str]) -> list[str]:
    """For each figure how many comparisons show no difference, and by name those that show one."""
    keys = dict.fromkeys(result.figure.key for result in results)
    by_figure = [[each for each in results if each.figure.key == key and each.verdict] for key in keys]
    return [_figure_sentence(comparisons, names) for comparisons in by_figure if comparisons]


def _figure_sentence(comparisons: Sequence[FigureResult], names: Mapping[str, str]) -> str:
    name = comparisons[0].figure.name
    margin = next((each.equivalence.margin for each in comparisons if each.equivalence), None)
    within = "" if margin is None else f" (within ±{margin * 100:g} %)"
    equal = sum(each.is_equal for each in comparisons)
    unknown = sum(each.verdict == UNCERTAIN for each in comparisons)
    differences = [_difference_text(each, names) for each in comparisons if each.verdict in {BETTER, WORSE}]
    return "".join(
        [
            f"{name[0].upper()}{name[1:]}: no difference shown{within}",
            f" in {equal} of {len(comparisons)} comparisons with the bloated image",
            f", {UNCERTAIN} in {unknown}" if unknown else "",
            f". A difference is shown in {len(differences)}: {'; '.join(differences)}."
            if differences
            else ".",
        ]
    )


def _difference_text(result: FigureResult, names: Mapping[str, str]) -> str:
    where = f"{names.get(result.cell.case, result.cell.case)}, {result.cell.variant}"
    if result.difference is None:
        return where
    n = f"n = {result.difference.n[0]} + {result.difference.n[1]}"
    ratio = result.equivalence.ratio if result.equivalence else result.difference.ratio
    return f"{where} {percent(ratio)} ({result.verdict}, {n})"


def comparison_text(result: FigureResult) -> str:
    """Such as `+0.8 % (-1.2 to +2.9), n = 10 + 10: no difference shown (within ±5 %)`."""
    if result.difference is None:
        return ""
    n = f"n = {result.difference.n[0]} + {result.difference.n[1]}"
    same = result.equivalence
    if same is None:
        return f"{percent(result.difference.ratio)}, {n}: {result.verdict}"
    return f"{percent(same.ratio)} ({percent(same.low)} to {percent(same.high)}), {n}: {result.verdict}"


def percent(ratio: float) -> str:
    """A ratio as the difference in percent, such as +0.8 %."""
    return f"{(ratio - 1) * 100:+.1f} %"


def failures(measured: MeasuredExperiment) -> tuple[str, ...]:
    """Every failed trial with its reason."""
    return tuple(f"{each.cell}: {each.error}" for each in measured.trials if each.error)


def facts(measured: MeasuredExperiment) -> tuple[tuple[str, str], ...]:
    """Machine, tools, time and order of the experiment."""
    started, cell_counts = measured.started, counts(measured.started.plan, measured.trials)
    loads = [each.load for each in measured.trials if each.load is not None]
    n = [each.counted for each in cell_counts if each.counted]
    pairs = [
        ("machine", started.machine),
        ("measured", f"{started.started_at[:16].replace('T', ' ')} UTC"),
        ("tools", ", ".join(f"{name} {version}" for name, version in sorted(started.tools.items()))),
        ("trials of a cell", f"{min(n)} to {max(n)}" if n else ""),
        ("load before a trial", f"{min(loads):.1f} to {max(loads):.1f}" if loads else ""),
        ("order drawn by", f"seed {started.plan.seed}"),
    ]
    return tuple((name, value) for name, value in pairs if value)
