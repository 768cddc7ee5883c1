"""The options of `tandem compare builds` that choose a plan; imported when the command runs."""

from dataclasses import dataclass, replace
from typing import Any

from pipeline.cli.comparisons import require_only_resume
from pipeline.compare import presets
from pipeline.compare.build_plan import Plan, needed_runs
from pipeline.compare.measurement import Variant
from pipeline.compare.scenarios import Scenario
from pipeline.core.errors import TandemError

_MINUTE, _PERCENT = 60, 100
_DEFAULT = "default"
COMMAND = "tandem compare builds"


@dataclass(frozen=True)
class PlanOptions:
    """The options as they were given; None or empty: the preset decides."""

    preset: str
    quick: bool
    size: list[str] | None
    variant: list[str] | None
    scenario: list[str] | None
    minutes: float | None
    runs: int | None
    precision: float | None
    seed: int | None

    def plan(self) -> Plan:
        """The preset's plan with the changes.

        Raises:
            TandemError: a name or a size is none, or two presets are given.
        """
        if self.quick and self.preset not in {_DEFAULT, "quick"}:
            raise TandemError(
                f"--quick and --preset {self.preset} are two plans: choose one",
                hint=f"{COMMAND} --preset {self.preset}",
            )
        plan = presets.preset("quick" if self.quick else self.preset)
        return self._with_limits(replace(plan, **self._cells()))

    def require_none(self) -> None:
        """Refuse every option: a comparison is resumed with the plan that it began with.

        Raises:
            TandemError: an option is given.
        """
        preset = None if self.preset == _DEFAULT else self.preset
        require_only_resume({**vars(self), "preset": preset}, COMMAND)

    def _cells(self) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if self.size:
            changes["sizes"] = presets.parse_sizes(self.size)
        if self.variant:
            changes["variants"] = tuple(_choice(Variant, text) for text in dict.fromkeys(self.variant))
        if self.scenario:
            changes["scenarios"] = tuple(_choice(Scenario, text) for text in dict.fromkeys(self.scenario))
        return changes

    def _with_limits(self, plan: Plan) -> Plan:
        changes: dict[str, Any] = {}
        if self.minutes is not None:
            changes["budget"] = self.minutes * _MINUTE
        if self.runs is not None:
            changes |= {"least": self.runs, "most": max(self.runs, plan.most)}
        elif plan.preset != "quick":
            changes["least"] = max(plan.least, needed_runs(plan.comparisons))
        if self.precision is not None:
            changes["precision"] = self.precision / _PERCENT
        if self.seed is not None:
            changes["seed"] = self.seed
        return replace(plan, **changes)


def _choice(kind: Any, text: str) -> Any:  # noqa: ANN401 - one of two enumerations
    if text not in set(kind):
        raise TandemError(
            f"there is no {kind.__name__.lower()} {text!r}: there are {', '.join(kind)}",
            hint=COMMAND,
        )
    return kind(text)
