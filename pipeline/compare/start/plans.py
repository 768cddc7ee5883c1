"""How often `compare start` measures what: the whole comparison, and a look of two minutes."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from pipeline.compare.build_plan import needed_runs
from pipeline.compare.experiment import BASE, ExperimentPlan
from pipeline.compare.presets import parse_sizes
from pipeline.compare.start.figures import CASE, RATE, START
from pipeline.core.errors import TandemError
from pipeline.core.values import Layout

SIZES = ("80 MB", "150 MB", "300 MB", "1 GB")
"""The article's 80 to 300 MB, and more."""
LAYOUTS = (Layout.MONOLITH, Layout.SIDECAR, Layout.FUSED)
MARGIN = 0.1
_MINUTE = 60.0
_RATE = 50.0
_BUILD_BYTES, _BUILD_SECONDS = 10e6, 8.0
"""Bytes of content a second that both builds together take at least, and what they take besides."""
_START_BYTES, _START_SECONDS = 25e6, 12.0
_ROUNDS = 2
"""The same of a trial, its scale-out and its end."""


def default() -> ExperimentPlan:
    """All sizes and layouts, within three quarters of an hour."""
    return ExperimentPlan(
        sizes=parse_sizes(SIZES),
        variants=tuple(map(str, LAYOUTS)),
        cases=(CASE,),
        least=needed_runs(len(SIZES) * (len(LAYOUTS) - 1)),
        most=12,
        precision=0.05,
        budget=45 * _MINUTE,
        seed=secrets.randbelow(1_000_000),
        margin=MARGIN,
        options={RATE: _RATE},
    )


def quick() -> ExperimentPlan:
    """A look of about two minutes: too few starts for more than an impression."""
    return replace(
        default(), sizes=parse_sizes(["80 MB"]), least=2, most=2, budget=2 * _MINUTE, preset="quick"
    )


def with_cells(
    plan: ExperimentPlan, sizes: Sequence[str] | None, layouts: Sequence[str] | None
) -> ExperimentPlan:
    """The plan with these sizes and layouts, where there are any.

    Raises:
        TandemError: one of them is none.
    """
    if sizes:
        plan = replace(plan, sizes=parse_sizes(sizes, START.command))
    return replace(plan, variants=parse_layouts(layouts)) if layouts else plan


def with_runs(plan: ExperimentPlan, runs: int | None) -> ExperimentPlan:
    """The plan with so many starts of each cell at least; without a number, enough for a verdict."""
    if runs is not None:
        return replace(plan, least=runs, most=max(runs, plan.most))
    return plan if plan.preset else replace(plan, least=needed_runs(plan.comparisons))


def parse_layouts(texts: Sequence[str]) -> tuple[str, ...]:
    """The layouts of those names, each once.

    Raises:
        TandemError: there is no such layout.
    """
    unknown_layouts = [text for text in texts if text not in set(LAYOUTS)]
    if unknown_layouts:
        raise TandemError(
            f"there is no layout {unknown_layouts[0]!r}: there are {', '.join(LAYOUTS)}",
            hint=f"{START.command} --layout {BASE} --layout sidecar",
        )
    return tuple(dict.fromkeys(texts))


def seconds_needed(size: int, layouts: int) -> float:
    """About how long one size takes until each layout is measured twice, on two cores."""
    building = _BUILD_SECONDS + size / _BUILD_BYTES
    return building + _ROUNDS * layouts * (_START_SECONDS + size / _START_BYTES)


def fitting(plan: ExperimentPlan) -> tuple[ExperimentPlan, list[str]]:
    """The plan with the sizes of which the budget allows two rounds, and the names of the others.

    Raises:
        TandemError: not even the smallest fits.
    """
    seconds_left, sizes = plan.budget, []
    for label, size in plan.sizes:
        seconds_left -= seconds_needed(size, len(plan.variants))
        if seconds_left < 0:
            break
        sizes.append((label, size))
    if not sizes:
        label, size = plan.sizes[0]
        least = seconds_needed(size, len(plan.variants)) / _MINUTE
        raise TandemError(
            f"{plan.budget / _MINUTE:g} minutes are too few to start each layout twice with {label}: "
            f"that takes about {least:.1f}",
            hint=f'{START.command} --size "{label}" --minutes {least + 1:.0f}',
        )
    return replace(plan, sizes=tuple(sizes)), [label for label, _ in plan.sizes[len(sizes) :]]
