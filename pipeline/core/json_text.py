"""Read JSON that a file or another machine holds: a value that can be used, or ValueError."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

_SHOWN = 200
_LATEST = 10.0**15
"""Seconds: more than any clock tells."""


def parse_json(content: bytes | str) -> Any:  # noqa: ANN401 - any JSON value
    """The value in `content`.

    Python's own reader raises RecursionError for deep nesting, takes numbers that JSON has not, and text that
    cannot be written again.

    Raises:
        ValueError: it is not JSON, is nested too deeply, or has a number or text that nothing can hold.
    """
    try:
        value = json.loads(content, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if b"\\ud" in (content.encode(errors="replace") if isinstance(content, str) else content).lower():
        json.dumps(value, ensure_ascii=False).encode()  # half of a character: UnicodeEncodeError
    return value


def require_text(value: object) -> str:
    """`value`, if it is text; TypeError if not."""
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} instead of text")
    return value


def require_number(value: object) -> int:
    """`value`, if it is a whole number from 0 on that fits 63 bits; TypeError or ValueError if not."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{type(value).__name__} instead of a whole number")
    if not 0 <= value < 1 << 63:
        raise ValueError("a number is out of range")
    return value


def typed(kind: type[Any], values: Mapping[str, Any], **others: object) -> dict[str, Any]:
    """The fields of dataclass `kind` in `values`; those of other types than text and numbers are in `others`.

    Raises:
        TypeError, KeyError, ValueError: a field is unknown, or its value has another type.
    """
    if not isinstance(values, Mapping):
        raise TypeError(f"{type(values).__name__} instead of an object")
    types = {field.name: field.type for field in fields(kind)}
    read = {name: _READERS[types[name]](value) for name, value in values.items() if name not in others}
    return {**read, **others}


def _require_seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{type(value).__name__} instead of a number")
    if not -_LATEST < value < _LATEST:
        raise ValueError("a number is out of range")
    return float(value)


_READERS: Mapping[Any, Callable[[object], object]] = {
    str: require_text,
    int: require_number,
    float: _require_seconds,
}


def damage(error: Exception) -> str:
    """What is wrong with a damaged document, in one short line: it may hold megabytes."""
    line = " ".join(f"{type(error).__name__}: {error}"[: 2 * _SHOWN].split())
    text = "".join(letter if letter.isprintable() else "?" for letter in line)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number is too large")
    return number
