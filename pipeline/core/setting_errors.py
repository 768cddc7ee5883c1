"""Turns everything that can be wrong with `tandem.toml` into one short sentence."""

import tomllib
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.core.errors import TandemError

_LARGEST = 16 * 1024 * 1024  # bytes of a file
_SHOWN = 80  # characters of a key or value
_PROBLEMS = 8  # that a message names
_DEEPEST = 4  # tables in one another
_WORDS = {
    "Value error, ": "",
    "Input should be a valid ": "must be a ",
    "Input should be ": "must be ",
    "a integer": "an integer",
    "a dictionary": "a table",
    "a tuple": "a list",
    "a string": "a text",
    ", got a number with a fractional part": "",
    ", unable to parse string as an integer": "",
    "String should have at least 1 character": "must not be empty",
    "Field required": "is missing",
}
"""pydantic's words, and those of somebody who writes TOML; in this order."""
_PATTERNS = {
    "name": "must be 3 to 20 of a-z, 0-9 and -, from a letter to a letter or digit",
    "[key]": "an environment's name must be 1 to 16 of a-z, 0-9 and -, from a letter to a letter or digit",
    "variable": "a variable's name must be of letters, digits and _, and not begin with a digit",
    "handler": "must be MODULE.FUNCTION, such as main.handler",
    "target": "must be the name of a stage, such as prod in FROM IMAGE AS prod",
    "region": "must be a region, such as eu-central-1",
    "account_id": "must be the 12 digits of an account, without hyphens",
    "quiet_hours": "must be two times, such as 22:00-06:00",
    "follows": "must be the name of an environment",
}
"""What the patterns of keys mean."""

ANY = "*"
Keys = Collection[tuple[str, ...]]
"""Keys with the tables that they are in; ANY is a name that the file chooses."""


def read_toml(file: Path) -> dict[str, Any]:
    """The file's tables.

    Raises:
        TandemError: the file is missing, too large, or no TOML.
    """
    hint = f"correct {file.name} and run the command again"
    try:
        return tomllib.loads(_read(file).decode())
    except UnicodeDecodeError as error:
        raise TandemError(f"{file} is not UTF-8: byte {error.start + 1} is not", hint=hint) from error
    except tomllib.TOMLDecodeError as error:
        raise TandemError(f"{file} is not valid TOML: {_shorten(str(error))}", hint=hint) from error
    except RecursionError:  # its traceback has a thousand frames: it helps nobody
        raise TandemError(f"{file} is not valid TOML: it is nested too deeply", hint=hint) from None
    except ValueError as error:  # Python's limit for integers
        raise TandemError(f"{file} is not valid TOML: a number has too many digits", hint=hint) from error


def describe(error: ValidationError, file: Path, keys: Keys) -> TandemError:
    """The error to raise for values that are wrong; it names their keys and what was expected.

    `keys` are all that the file may have.
    """
    problems = error.errors(include_url=False, include_context=False)
    lines = [_line(problem, keys) for problem in problems[:_PROBLEMS]]
    if len(problems) > _PROBLEMS:
        lines.append(f"and {len(problems) - _PROBLEMS} more")
    return TandemError(f"{file}: " + "; ".join(lines), hint=f"correct {file.name} and run the command again")


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
    except OSError as error:
        raise TandemError(
            f"cannot read {file}: {error.strerror}",
            hint="run in the folder with tandem.toml, or pass --project DIR",
        ) from error
    if len(data) > _LARGEST:
        raise TandemError(f"{file} is larger than 16 MiB", hint="pass another folder with --project DIR")
    return data


def _line(problem: Any, keys: Keys) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    place = tuple(str(part) for part in problem["loc"] if part != "[key]")
    key = _shorten(".".join(place))
    if problem["type"] == "extra_forbidden":
        return f"{key}: no such key{_suggestion(place, keys)}"
    message = _shorten(_expected(problem), 2 * _SHOWN)
    if not place or isinstance(problem["input"], dict):
        return f"{key}: {message}" if place else message
    # The value may be the secret itself: the message must not show it.
    if "secrets" in place:
        return f"{key}: {message}"
    return f"{key}: {message}, not {_value(problem['input'])}"


def _expected(problem: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    """What a value must be, in the words of TOML."""
    place, value = problem["loc"], problem["input"]
    if problem["type"] == "string_pattern_mismatch":
        name = "variable" if place[-1] == "[key]" and place[0] != "environments" else place[-1]
        return _PATTERNS.get(str(name), str(problem["msg"]))
    if problem["type"] == "string_type" and isinstance(value, int | float):
        return "must be a text, in quotes"
    message = str(problem["msg"])
    for phrase, replacement in _WORDS.items():
        message = message.replace(phrase, replacement)
    return message


def _suggestion(place: tuple[str, ...], keys: Keys) -> str:
    """The key that was probably meant, or the tables that have one of this name."""
    *table, name = place[:_DEEPEST]
    siblings = [key[-1] for key in keys if _is_in(key[:-1], table) and key[-1] != ANY]
    close = [*(key for key in siblings if key.startswith(name)), *get_close_matches(name[:_SHOWN], siblings)]
    others = [".".join(key).replace(ANY, "NAME") for key in keys if key[-1] == name]
    if others and not _is_nearly(name, close):
        return f"; there is {' and '.join(others)}"
    return f"; did you mean {'.'.join([*table, close[0]])}?" if close else ""


def _is_nearly(name: str, close: list[str]) -> bool:
    return bool(close) and (close[0].startswith(name) or bool(get_close_matches(name, close, cutoff=0.8)))


def _is_in(table: tuple[str, ...], place: list[str]) -> bool:
    return len(table) == len(place) and all(
        one in {ANY, other} for one, other in zip(table, place, strict=True)
    )


def _value(value: object) -> str:
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    try:
        return _shorten(repr(value))
    except ValueError:  # Python's limit for integers
        return "a number with too many digits"


def _shorten(text: str, length: int = _SHOWN) -> str:
    """`text` without control characters and with at most `length` characters."""
    start = text[: length + 1]
    printable = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in start)
    return printable if len(printable) <= length else f"{printable[: length - 1]}…"
