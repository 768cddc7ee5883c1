"""One measured build as a value, and as the JSON that it is stored in."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, Self

from pipeline.core.steps import Step
from pipeline.records.document import BUILD, Document

_LARGEST = 1 << 63
_BUILT = "built"


@dataclass(frozen=True)
class BuildRecord:
    """One measured build. Fields with a default were added later, and older records lack them."""

    started_at: str
    image: str
    scenario: str
    run: str
    commits: dict[str, str]
    digest: str
    cache: str
    bytes_sent: int | None
    steps: tuple[Step, ...]
    machine: str
    outcome: str = _BUILT
    """built, or the reason why the build failed."""
    image_bytes: int | None = None
    """Compressed bytes of all layers, which a pull transfers."""
    layers: int | None = None
    cached_steps: int | None = None
    """Steps of the Dockerfile that Docker took from its cache; None without a Dockerfile."""
    not_cached: str = ""
    """The first step of the Dockerfile that Docker ran, and everything after it."""
    peak_memory: int | None = None
    """The largest resident memory of this process during the build, in bytes; not Docker's."""
    machine_load: float | None = None
    """The machine's load average of one minute when the build began."""
    tools: dict[str, str] = field(default_factory=dict)
    """Versions of the programs that took part."""
    trigger: str = ""
    """What caused the build: pushes, such as `push to app 0123456789..abcdef0123`, or a command."""
    bytes_read: int | None = None
    """Bytes that this process and the programs it ran read during the build, from the page cache too; not
    Docker's. Images that are built at the same time share the process."""
    bytes_written: int | None = None
    """The same for writing."""
    bytes_changed: int | None = None
    """Bytes of the files that a comparison changed for this build; None where everything is new."""

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)

    @property
    def is_built(self) -> bool:
        return self.outcome == _BUILT

    def dump(self) -> str:
        """The record as one line of JSON."""
        return json.dumps(asdict(self))

    def document(self) -> Document:
        """The record as it is stored."""
        return Document(BUILD, self.started_at, self.run, json.loads(self.dump()))

    @classmethod
    def load(cls, line: str) -> Self:
        """The record of one line; ValueError if it is torn or has another shape."""
        try:
            return cls.parse(json.loads(line))
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    @classmethod
    def parse(cls, values: object) -> Self:
        """The record of parsed JSON; ValueError if it has another shape."""
        if not isinstance(values, dict) or not _REQUIRED <= values.keys() <= _FIELDS.keys():
            raise ValueError("no build record")
        for key, value in values.items():
            if not _FIELDS[key](value):
                raise ValueError(f"{key} of a build record has another type")
        return cls(**{**values, "steps": _steps(values["steps"])})


def _steps(values: list[Any]) -> tuple[Step, ...]:
    return tuple(Step(value["name"], float(value["seconds"])) for value in values)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values())


def _is_count(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST)


def _is_number(value: object) -> bool:
    return value is None or _is_seconds(value)


def _is_seconds(value: object) -> bool:
    # Infinity and NaN fail the comparison too.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def _are_steps(value: object) -> bool:
    return isinstance(value, list) and all(_is_step(step) for step in value)


def _is_step(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"name", "seconds"}
        and _is_text(value["name"])
        and _is_seconds(value["seconds"])
    )


_CHECKS = {
    "commits": _is_texts,
    "tools": _is_texts,
    "bytes_sent": _is_count,
    "image_bytes": _is_count,
    "layers": _is_count,
    "cached_steps": _is_count,
    "peak_memory": _is_count,
    "bytes_read": _is_count,
    "bytes_written": _is_count,
    "bytes_changed": _is_count,
    "machine_load": _is_number,
    "steps": _are_steps,
}
_FIELDS = {item.name: _CHECKS.get(item.name, _is_text) for item in fields(BuildRecord)}
_REQUIRED = frozenset(
    item.name for item in fields(BuildRecord) if item.default is MISSING and item.default_factory is MISSING
)
