"""Turns everything that can be wrong with `tandem.toml` into one short sentence."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.core.errors import TandemError

_LARGEST = 16 * 1024 * 1024  # bytes of a file
_SHOWN = 80  # characters of a key or value
_PROBLEMS = 8  # that a message names


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


def describe(error: ValidationError, file: Path) -> TandemError:
    """The error to raise for values that are wrong; it names their keys and what was expected."""
    problems = error.errors(include_url=False, include_context=False)
    lines = [_line(problem) for problem in problems[:_PROBLEMS]]
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


def _line(problem: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    key = _shorten(".".join(str(part) for part in problem["loc"]))
    if problem["type"] == "extra_forbidden":
        return f"{key}: no such key"
    message = _shorten(problem["msg"], 2 * _SHOWN)
    # The value may be the secret itself, or a table with secrets: the message must not show it.
    if problem["type"] == "missing" or "secrets" in problem["loc"]:
        return f"{key}: {message}"
    return f"{key}: {message}, not {_value(problem['input'])}"


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
