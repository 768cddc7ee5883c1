"""The options of `tandem compare start` that choose a plan; imported when the command runs."""

from dataclasses import dataclass, replace

from pipeline.cli.comparisons import require_only_resume
from pipeline.compare.experiment import ExperimentPlan
from pipeline.compare.start import plans
from pipeline.compare.start.figures import START
from pipeline.core import console

_MINUTE, _PERCENT = 60, 100


@dataclass(frozen=True)
class StartOptions:
    """The options as they were given; None or empty: the plan decides."""

    size: list[str] | None
    layout: list[str] | None
    quick: bool
    minutes: float | None
    runs: int | None
    precision: float | None
    margin: float | None
    seed: int | None

    def plan(self) -> ExperimentPlan:
        """The plan with the sizes that fit into the budget; the others are named.

        Raises:
            TandemError: a size or a layout is none, or no size fits.
        """
        plan = plans.with_cells(plans.quick() if self.quick else plans.default(), self.size, self.layout)
        fitting_plan, other_sizes = plans.fitting(plans.with_runs(self._with_limits(plan), self.runs))
        if other_sizes:
            minutes = sum(plans.seconds_needed(size, len(plan.variants)) for _, size in plan.sizes) / _MINUTE
            console.info(
                f"left out: {', '.join(other_sizes)}; two rounds of all sizes take about {minutes:.0f}"
                f" minutes (--minutes {fitting_plan.budget / _MINUTE:g})",
                style="yellow",
            )
        return fitting_plan

    def require_none(self) -> None:
        """Refuse every option: a comparison is resumed with the plan that it began with.

        Raises:
            TandemError: an option is given.
        """
        require_only_resume(vars(self), START.command)

    def _with_limits(self, plan: ExperimentPlan) -> ExperimentPlan:
        return replace(
            plan,
            budget=plan.budget if self.minutes is None else self.minutes * _MINUTE,
            precision=plan.precision if self.precision is None else self.precision / _PERCENT,
            margin=plan.margin if self.margin is None else self.margin / _PERCENT,
            seed=plan.seed if self.seed is None else self.seed,
        )
