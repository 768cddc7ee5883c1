"""The options of `tandem compare serving` that choose a plan; imported when the command runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.cli.comparisons import require_only_resume
from pipeline.compare.experiment import BASE, ExperimentPlan
from pipeline.compare.serving.figures import SERVING
from pipeline.compare.serving.plans import LAYOUTS, default, parse_size, quick
from pipeline.compare.serving.workloads import Workload
from pipeline.core.errors import TandemError

_MINUTE, _PERCENT = 60.0, 100


@dataclass(frozen=True)
class ServingOptions:
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
        require_only_resume(vars(self), SERVING.command)

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
        overrides = {name: value for name, value in options.items() if value is not None}
        return {**changes, "options": {**plan.options, **overrides}}


def _choose(kind: str, choices: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """The chosen layouts or workloads, each once, in the order of `choices`.

    Raises:
        TandemError: there is no such one.
    """
    for text in texts:
        if text not in choices:
            raise TandemError(
                f"there is no {kind} {text!r}: there are {', '.join(choices)}", hint=SERVING.command
            )
    return tuple(each for each in choices if each in texts)


def _require_comparison(plan: ExperimentPlan) -> None:
    """Refuse a plan that compares nothing.

    Raises:
        TandemError: the bloated image is missing or alone.
    """
    if not plan.comparisons:
        raise TandemError(
            f"there is nothing to compare: choose {BASE} and another layout, not {', '.join(plan.variants)}",
            hint=f"{SERVING.command} --layout {BASE} --layout sidecar",
        )
