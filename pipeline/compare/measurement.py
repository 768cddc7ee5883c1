"""One measured build of a comparison as a value, and as the record that it is stored in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from pipeline.compare.scenarios import Scenario
from pipeline.records.document import MEASUREMENT, Document, known_fields, parse_each


class Variant(StrEnum):
    """A way to build the same site."""

    MONOLITH = "monolith"
    SPLIT_DOCKERFILE = "split-dockerfile"
    SPLIT_LAYERS = "split-layers"
    FUSED = "fused"


@dataclass(frozen=True)
class Cell:
    """What is measured several times: a variant and a scenario on content of a size."""

    size: str
    variant: Variant
    scenario: Scenario

    def __str__(self) -> str:
        return f"{self.size} {self.scenario} {self.variant}"


@dataclass(frozen=True)
class BuildStep:
    """A step of a measured build; `start` is in seconds since the build began."""

    image: str
    name: str
    start: float
    seconds: float


@dataclass(frozen=True)
class Measurement:
    """One measured build: from the commits to all images in the registry."""

    run: str
    started_at: str
    cell: Cell
    machine: str
    seconds: float
    """From the first step to the last image, on a monotonic clock."""
    spent: float
    """The same with its preparation, which counts towards the budget."""
    error: str = ""
    """Why the build failed; empty if it did not."""
    is_warm_up: bool = False
    content_bytes: int = 0
    """Bytes of the content's files."""
    bytes_changed: int | None = None
    """Bytes of the files that the scenario changed; None where everything is new."""
    bytes_sent: int | None = None
    peak_memory: int | None = None
    load: float | None = None
    spans: tuple[BuildStep, ...] = ()
    images: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """What has to be known precisely."""
        return self.seconds

    @property
    def counts(self) -> bool:
        """Whether the statistics use it."""
        return not self.is_warm_up and not self.error

    def document(self) -> Document:
        """The measurement as it is stored."""
        body = {key: value for key, value in asdict(self).items() if key not in {"run", "started_at"}}
        body["cell"] = {key: str(value) for key, value in body["cell"].items()}
        body |= {key: [*body[key]] for key in ("spans", "images", "commits")}
        return Document(MEASUREMENT, self.started_at, self.run, body)

    @classmethod
    def parse(cls, document: Document) -> Self:
        """The measurement of a record; ValueError if it is of another shape."""
        body = dict(document.body)
        try:
            body["cell"] = _cell(body["cell"])
            body["spans"] = tuple(BuildStep(**span) for span in body["spans"])
            body |= {key: tuple(body[key]) for key in ("images", "commits")}
            return cls(document.run, document.started_at, **known_fields(cls, body))
        except (KeyError, TypeError) as error:
            raise ValueError(f"no measurement: {error}") from error


def _cell(values: Mapping[str, str]) -> Cell:
    return Cell(values["size"], Variant(values["variant"]), Scenario(values["scenario"]))


def of_run(documents: Sequence[Document], run: str) -> list[Measurement]:
    """The measurements of one comparison, oldest first; a record of another shape is left out."""
    own = (each for each in documents if each.kind == MEASUREMENT and each.run == run)
    return parse_each(own, Measurement.parse)


def seconds_by_cell(measurements: Sequence[Measurement]) -> dict[Cell, list[float]]:
    """The seconds of the measurements that count, by cell."""
    seconds: dict[Cell, list[float]] = {}
    for measurement in measurements:
        if measurement.counts:
            seconds.setdefault(measurement.cell, []).append(measurement.seconds)
    return seconds


def json_rows(measurements: Sequence[Measurement]) -> list[dict[str, Any]]:
    """Every measurement as JSON values."""
    return [{"run": each.run, "started_at": each.started_at, **each.document().body} for each in measurements]
