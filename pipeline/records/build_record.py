"""One measured build as a value, and as the JSON that it waits in."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from pipeline.core.steps import Step

_LARGEST = 1 << 63


@dataclass(frozen=True)
class BuildRecord:
    """One measured build."""

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

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)

    def dump(self) -> str:
        """The record as one line of JSON."""
        return json.dumps(asdict(self))

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
        if not isinstance(values, dict) or values.keys() != {field.name for field in fields(cls)}:
            raise ValueError("no build record")
        texts = {key: values[key] for key in values if key not in {"commits", "bytes_sent", "steps"}}
        commits, sent = values["commits"], values["bytes_sent"]
        if not _is_texts(texts) or not _is_texts(commits) or not (sent is None or _is_count(sent)):
            raise ValueError("a field of a build record has another type")
        return cls(**texts, commits=commits, bytes_sent=sent, steps=_steps(values["steps"]))


def _steps(values: object) -> tuple[Step, ...]:
    if not isinstance(values, list):
        raise ValueError("no steps")  # noqa: TRY004 - the line is malformed, whatever the reason
    return tuple(_step(value) for value in values)


def _step(value: Any) -> Step:  # noqa: ANN401 - parsed JSON
    if not isinstance(value, dict) or value.keys() != {"name", "seconds"}:
        raise ValueError("no step")
    name, seconds = value["name"], value["seconds"]
    if not isinstance(name, str) or not isinstance(seconds, int | float):
        raise ValueError("no step")  # noqa: TRY004 - the line is malformed, whatever the reason
    return Step(name, float(seconds))


def _is_texts(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values())


def _is_count(value: object) -> bool:
    return isinstance(value, int) and 0 <= value < _LARGEST
