"""Tell git's full ids from names, which move, and from anything that git would take as an option."""

import re

from pipeline.core.errors import TandemError
from pipeline.git.printable_text import printable

_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SHOWN = 60


def is_id(text: str) -> bool:
    """Whether `text` is the full id of an object, in lower case."""
    return _ID.fullmatch(text) is not None


def require_id(text: str) -> str:
    """`text`, if it is the full id of an object; ids come from manifests and labels too.

    Raises:
        TandemError: It is a name, an abbreviation, or no id at all.
    """
    if not is_id(text):
        raise TandemError(
            f"{printable(text, _SHOWN)!r} is not a full id of git: 40 or 64 hex digits in lower case",
            hint="git rev-parse NAME prints the id of a branch, a tag or a short id",
        )
    return text
