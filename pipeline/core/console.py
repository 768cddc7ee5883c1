"""Write messages for people to stderr; without colours if stderr is not a terminal."""

import os
import sys
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@cache
def _stderr() -> "Console":
    from rich.console import Console  # noqa: PLC0415 - `tandem --help` writes no message and stays fast

    return Console(stderr=True, highlight=False, no_color="NO_COLOR" in os.environ, soft_wrap=True)


def info(text: str, style: str = "") -> None:
    """Write one line. A closed stderr (a `git push` that was interrupted) does not stop the command."""
    with suppress(BrokenPipeError):
        _stderr().print(text, style=style, markup=False)


def is_terminal() -> bool:
    """Whether stderr is a terminal, so that progress may rewrite its own line."""
    return sys.stderr.isatty()
