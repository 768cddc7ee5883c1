"""Talk to the person at the terminal: on stderr, plain when it is none."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rich.console import Console

console = Console(stderr=True, highlight=False, no_color="NO_COLOR" in os.environ, soft_wrap=True)


def info(text: str, style: str = "") -> None:
    """One line of talk; the work goes on where nobody listens any more (a push that was cut off)."""
    with suppress(BrokenPipeError):
        console.print(text, style=style, markup=False)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say that `what` begins, and how long it took once it is done (monotonic seconds)."""
    info(f"-> {what}")
    began = time.monotonic()
    yield
    info(f"   {what}: {time.monotonic() - began:.1f} s", style="dim")


def is_terminal() -> bool:
    """Whether progress may rewrite its own line."""
    return sys.stderr.isatty()
