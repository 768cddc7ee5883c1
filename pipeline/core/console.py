"""Write messages for people to stderr; without colours if stderr is not a terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@cache
def _stderr() -> "Console":
    from rich.console import Console  # noqa: PLC0415 - `tandem --help` writes no message and stays fast

    return Console(stderr=True, highlight=False, no_color="NO_COLOR" in os.environ, soft_wrap=True)


_muted: list[bool] = []


@contextmanager
def muted() -> Iterator[None]:
    """Write nothing while the block runs, in no thread: what is measured prints nothing."""
    _muted.append(True)
    try:
        yield
    finally:
        _muted.pop()


def info(text: str, style: str = "") -> None:
    """Write one line. A closed stderr (a `git push` that was interrupted) does not stop the command."""
    if _muted:
        return
    with suppress(BrokenPipeError):
        _stderr().print(text, style=style, markup=False)


def is_terminal() -> bool:
    """Whether stderr is a terminal, so that progress may rewrite its own line."""
    return sys.stderr.isatty()
