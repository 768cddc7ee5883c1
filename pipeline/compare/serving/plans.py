"""Plans of `compare serving`: the whole comparison, and a look of a minute."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.compare.experiment import BASE, ExperimentPlan
from pipeline.compare.plan import OWN
from pipeline.compare.presets import parse_sizes
from pipeline.compare.serving.workloads import Workload
from pipeline.core.errors import TandemError
from pipeline.core.values import Layout

_MINUTE, _PERCENT = 60.0, 100
_HINT = "tandem compare serving"
LAYOUTS = (Layout.MONOLITH, Layout.SIDECAR, Layout.FUSED)


def default() -> ExperimentPlan:
    """Every layout and workload on 150 MB, within a quarter of an hour."""
    return ExperimentPlan(
        sizes=parse_size("150 MB"),
        variants=tuple(map(str, LAYOUTS)),
        cases=tuple(map(str, Workload)),
        least=10,
        most=20,
        precision=0.01,
        budget=15 * _MINUTE,
        seed=secrets.randbelow(1_000_000),
        options={"connections": 16, "seconds": 3},
    )


def quick() -> ExperimentPlan:
    """A look of two minutes: too few trials for more than an impression."""
    return ExperimentPlan(
        sizes=parse_size("20 MB"),
        variants=tuple(map(str, LAYOUTS)),
        cases=tuple(map(str, Workload)),
        least=3,
        most=3,
        precision=0.01,
        budget=3 * _MINUTE,
        seed=secrets.randbelow(1_000_000),
        preset="quick",
        options={"connections": 16, "seconds": 1},
    )


def parse_size(text: str) -> tuple[tuple[str, int], ...]:
    """Label and bytes of a size such as 150 MB.

    Raises:
        TandemError: it is no size, or the sources' own content.
    """
    if text == OWN:
        raise TandemError(
            "compare serving measures generated content: it has a file for each workload",
            hint='tandem compare serving --size "150 MB"',
        )
    return parse_sizes([text], command=_HINT)


@dataclass(frozen=True)
class PlanOptions:
    """The options as they were given; None or empty: the plan's own."""

    size: str | None = None
    layout: Sequence[str] | None = None
    workload: Sequence[str] | None = None
    quick: bool = False
    minutes: float | None = None
    runs: int | None = None
    precision: float | None = None
    """Percent, as `margin`."""
    margin: float | None = None
    connections: int | None = None
    seconds: int | None = None
    seed: int | None = None

    def plan(self) -> ExperimentPlan:
        """The whole plan, or the quick one, with the changes.

        Raises:
            TandemError: a name or a size is none, or nothing is compared.
        """
        plan = quick() if self.quick else default()
        plan = replace(plan, **self._cells(), **self._limits(plan))
        _require_comparison(plan)
        return plan

    def require_none(self) -> None:
        """Refuse every option: a comparison is resumed with the plan that it began with.

        Raises:
            TandemError: an option is given.
        """
        given = [
            name
            for name, value in vars(self).items()
            if value is not None and value is not False and value != []
        ]
        if given:
            raise TandemError(
                "--resume continues a comparison with its own plan: leave out"
                f" {', '.join(f'--{name}' for name in given)}",
                hint=f"{_HINT} --resume",
            )

    def _cells(self) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if self.size is not None:
            changes["sizes"] = parse_size(self.size)
        if self.layout:
            changes["variants"] = _choose("layout", [*map(str, LAYOUTS)], self.layout)
        if self.workload:
            changes["cases"] = _choose("workload", [*map(str, Workload)], self.workload)
        return changes

    def _limits(self, plan: ExperimentPlan) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if self.minutes is not None:
            changes["budget"] = self.minutes * _MINUTE
        if self.runs is not None:
            changes |= {"least": self.runs, "most": max(self.runs, plan.most)}
        if self.precision is not None:
            changes["precision"] = self.precision / _PERCENT
        if self.margin is not None:
            changes["margin"] = self.margin / _PERCENT
        if self.seed is not None:
            changes["seed"] = self.seed
        options = {"connections": self.connections, "seconds": self.seconds}
        given = {name: value for name, value in options.items() if value is not None}
        return {**changes, "options": {**plan.options, **given}}


def _choose(kind: str, known: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """The chosen layouts or workloads, each once, in the order of `known`.

    Raises:
        TandemError: there is no such one.
    """
    for text in texts:
        if text not in known:
            raise TandemError(f"there is no {kind} {text!r}: there are {', '.join(known)}", hint=_HINT)
    return tuple(each for each in known if each in texts)


def _require_comparison(plan: ExperimentPlan) -> None:
    """Refuse a plan that compares nothing.

    Raises:
        TandemError: the bloated image is missing or alone.
    """
    if not plan.comparisons:
        raise TandemError(
            f"there is nothing to compare: choose {BASE} and another layout, not {', '.join(plan.variants)}",
            hint=f"{_HINT} --layout {BASE} --layout sidecar",
        )
