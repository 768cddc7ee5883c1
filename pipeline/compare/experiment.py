"""A comparison of anything but builds: what it measures, its plan, and one measured trial."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any, Self

from pipeline.records.document import EXPERIMENT, TRIAL, Document, known_fields, parse_each

BASE = "monolith"
"""The variant that all others are compared with."""


@dataclass(frozen=True)
class Figure:
    """A figure that every trial has, such as requests per second."""

    key: str
    name: str
    unit: str
    more_is_better: bool = False
    digits: int = 1
    scale: float = 1.0
    """Factor from the stored value to the shown one."""

    def text(self, value: float) -> str:
        """The value as it is shown, with its unit."""
        return f"{value * self.scale:,.{self.digits}f} {self.unit}".rstrip()


@dataclass(frozen=True)
class Experiment:
    """A kind of experiment; the first figure decides when enough was measured."""

    name: str
    command: str
    figures: tuple[Figure, ...]
    tools: Callable[[], Mapping[str, str]] = dict
    """Versions of the programs that only this experiment uses."""


@dataclass(frozen=True)
class TrialCell:
    """What is measured several times: a variant and a case on content of a size."""

    size: str
    variant: str
    case: str

    def __str__(self) -> str:
        return f"{self.size} {self.case} {self.variant}"


@dataclass(frozen=True)
class ExperimentPlan:
    """What an experiment measures, how often, and its budget in seconds."""

    sizes: tuple[tuple[str, int], ...]
    """Labels and bytes, the smallest first."""
    variants: tuple[str, ...]
    cases: tuple[str, ...]
    least: int
    most: int
    precision: float
    """A cell is finished if half of its interval is at most this share of its median."""
    budget: float
    seed: int
    margin: float = 0.05
    """Two values that differ by a smaller share are as good as equal."""
    preset: str = ""
    options: Mapping[str, float] = field(default_factory=dict)
    """What the experiment itself asks for, such as the connections of a load."""

    def cells(self, size: str) -> list[TrialCell]:
        """The cells of one size."""
        return [TrialCell(size, variant, case) for variant, case in product(self.variants, self.cases)]

    @property
    def comparisons(self) -> int:
        """How many cells are compared with the base, for each figure."""
        others = sum(variant != BASE for variant in self.variants)
        return others * len(self.cases) * len(self.sizes) if others < len(self.variants) else 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "sizes": [[*size] for size in self.sizes],
            "variants": [*self.variants],
            "cases": [*self.cases],
        }

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """The plan of parsed JSON; ValueError if it has another shape."""
        try:
            arguments = known_fields(cls, values)
            arguments["sizes"] = tuple((str(label), int(size)) for label, size in values["sizes"])
            arguments |= {key: tuple(map(str, values[key])) for key in ("variants", "cases")}
            arguments |= {key: float(values[key]) for key in ("precision", "budget", "margin")}
            arguments["options"] = {str(key): float(value) for key, value in values["options"].items()}
            return cls(**arguments)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no plan: {error}") from error


@dataclass(frozen=True)
class StartedExperiment:
    """An experiment as it was recorded when it began."""

    experiment: str
    run: str
    started_at: str
    plan: ExperimentPlan
    machine: str
    tools: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> Document:
        body = {
            "experiment": self.experiment,
            "plan": self.plan.to_json(),
            "machine": self.machine,
            "tools": dict(self.tools),
        }
        return Document(EXPERIMENT, self.started_at, self.run, body)

    @classmethod
    def parse(cls, document: Document) -> Self:
        """The experiment of a record; ValueError if it is of another shape."""
        body = document.body
        try:
            plan = ExperimentPlan.parse(body["plan"])
            machine, tools = str(body["machine"]), dict(body["tools"])
            return cls(str(body["experiment"]), document.run, document.started_at, plan, machine, tools)
        except (KeyError, TypeError) as error:
            raise ValueError(f"no experiment: {error}") from error


@dataclass(frozen=True)
class Trial:
    """One measured trial of a cell."""

    run: str
    started_at: str
    cell: TrialCell
    machine: str
    value: float
    """The first of the experiment's figures."""
    spent: float
    """Seconds of the trial with its preparation, which count towards the budget."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """Every figure by its key."""
    error: str = ""
    """Why the trial failed; empty if it did not."""
    is_warm_up: bool = False
    load: float | None = None
    """The machine's load before the trial."""

    @property
    def counts(self) -> bool:
        """Whether the statistics use it."""
        return not self.is_warm_up and not self.error

    def document(self) -> Document:
        """The trial as it is stored."""
        body = {key: value for key, value in asdict(self).items() if key not in {"run", "started_at"}}
        return Document(TRIAL, self.started_at, self.run, body | {"figures": dict(self.figures)})

    @classmethod
    def parse(cls, document: Document) -> Self:
        """The trial of a record; ValueError if it is of another shape."""
        body = dict(document.body)
        try:
            body["cell"] = TrialCell(**{key: str(value) for key, value in body["cell"].items()})
            body["figures"] = {str(key): float(value) for key, value in body["figures"].items()}
            return cls(document.run, document.started_at, **known_fields(cls, body))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no trial: {error}") from error


def experiments(documents: Sequence[Document], name: str) -> list[StartedExperiment]:
    """The experiments of that name among the records, oldest first; records of another shape are left out."""
    own = (each for each in documents if each.kind == EXPERIMENT and each.body.get("experiment") == name)
    return parse_each(own, StartedExperiment.parse)


def trials(documents: Sequence[Document], run: str) -> list[Trial]:
    """The trials of one experiment, oldest first; records of another shape are left out."""
    return parse_each((each for each in documents if each.kind == TRIAL and each.run == run), Trial.parse)
