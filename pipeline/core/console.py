"""Write messages to stderr and results to stdout; without colours if stderr is not a terminal.

Nothing else writes text to either: commits, containers, registries and services put words into it, which a
terminal must not obey.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING

from pipeline.core.plain_text import visible

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
        _stderr().print(visible(text), style=style, markup=False, emoji=False)


def out(text: object, *, end: str = "\n", flush: bool = False) -> None:
    """Write a result to stdout."""
    print(visible(str(text)), end=end, flush=flush)


def is_terminal() -> bool:
    """Whether stderr is a terminal, so that progress may rewrite its own line."""
    return sys.stderr.isatty()
