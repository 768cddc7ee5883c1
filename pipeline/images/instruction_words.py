"""The words of a Dockerfile's instructions, and the values of the variables in them."""

import re
import shlex
from collections.abc import Mapping, Sequence

from pipeline.images.dockerfile import Instruction

_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})")
_LONGEST = 1 << 16
"""A commit must not keep the machine busy: characters of a value."""


class UncertainError(Exception):
    """The Dockerfile does something whose outcome is not known."""


def split_words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise UncertainError from None


def defaults_of(instructions: Sequence[Instruction]) -> dict[str, str]:
    """The default values of these ARG instructions."""
    words = [word for item in instructions if item.name == "ARG" for word in split_words(item.text)]
    return {word.partition("=")[0]: word.partition("=")[2] for word in words if "=" in word}


def expand(text: str, variables: Mapping[str, str]) -> str:
    """The text with the values of its variables.

    Raises:
        UncertainError: A variable has no known value, or the text is not one that is followed.
    """

    def value(match: re.Match[str]) -> str:
        replacement = variables.get(match[1] or match[2], match[3])
        if replacement is None:
            raise UncertainError
        return replacement

    expansion = _VARIABLE.sub(value, text)
    if "$" in expansion or len(expansion) > _LONGEST:
        raise UncertainError
    return expansion
