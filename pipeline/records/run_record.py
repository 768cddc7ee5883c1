"""One run of a release as a value: when each part began, how long it took; and its JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from pipeline.core.timeline import Span

NEW_CONTENT = "new content"
"""The mark of the moment from which on all visitors get what the release changes."""

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "name": str,
    "began": (int, float),
    "seconds": (int, float),
    "depth": int,
    "failed": bool,
}


@dataclass(frozen=True)
class RunRecord:
    """One run of a release or a rollback. Times are in seconds, moments in seconds since the run's start.

    `started_at` is ISO 8601 in UTC. `release` is 0 if the run ended before the release had a number.
    `new_content` is the moment from which on all that the release changes serves; None if it never did.
    `failed` says whether the run ended with an error.
    """

    started_at: str
    why: str
    release: int
    seconds: float
    new_content: float | None
    failed: bool
    spans: tuple[Span, ...]

    @property
    def bake(self) -> float:
        """The seconds in which the run only watched what serves already."""
        return sum(span.seconds for span in self.spans if span.name == "bake")

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON values, with times in milliseconds' precision."""
        values = asdict(self)
        values["seconds"] = round(self.seconds, 3)
        values["new_content"] = None if self.new_content is None else round(self.new_content, 3)
        values["spans"] = [
            {**asdict(span), "began": round(span.began, 3), "seconds": round(span.seconds, 3)}
            for span in self.spans
        ]
        return values

    @classmethod
    def parse(cls, values: object) -> Self:
        """The record of parsed JSON; ValueError if it has another shape."""
        if not isinstance(values, dict) or not {field.name for field in fields(cls)} <= values.keys():
            raise ValueError("no record of a run")
        arguments = {field.name: values[field.name] for field in fields(cls)}
        arguments["spans"] = tuple(_span(each) for each in _list(arguments["spans"]))
        for name, kind in {"started_at": str, "why": str, "release": int, "failed": bool}.items():
            if not isinstance(arguments[name], kind):
                raise ValueError(f"{name} of a run's record has another type")  # noqa: TRY004 - malformed JSON
        for name in ("seconds", "new_content"):
            is_unknown = arguments[name] is None and name == "new_content"
            arguments[name] = None if is_unknown else _number(arguments[name])
        return cls(**arguments)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError("no list")  # noqa: TRY004 - malformed JSON
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("no number")  # noqa: TRY004 - malformed JSON
    return float(value)


def _span(value: object) -> Span:
    if not isinstance(value, dict) or not all(
        isinstance(value.get(key), kind) for key, kind in _TYPES.items()
    ):
        raise ValueError("no part of a run")
    return Span(**{key: value[key] for key in _TYPES})
