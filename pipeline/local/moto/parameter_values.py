"""What the values of API parameters must be, as functions that accept or refuse a text."""

import re
from collections.abc import Callable

Accepts = Callable[[str], bool]


def text(pattern: str) -> Accepts:
    """Accepts what matches the pattern as a whole."""
    expression = re.compile(pattern, re.ASCII)
    return lambda value: expression.fullmatch(value) is not None


def number(low: int, high: int) -> Accepts:
    """Accepts the decimal numbers from `low` to `high`."""
    return lambda value: re.fullmatch(r"[0-9]{1,7}", value) is not None and low <= int(value) <= high


def either(*choices: Accepts) -> Accepts:
    return lambda value: any(accepts(value) for accepts in choices)


TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 - RFC 9110's word for the form of a header's name


def excerpt(value: object) -> str:
    """A value for an error message: quoted, in ASCII, and at most 100 characters of it."""
    return repr(str(value)[:100]).encode("ascii", "backslashreplace").decode()
