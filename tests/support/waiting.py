"""Wait for a condition, with a deadline."""

import time
from collections.abc import Callable
from typing import Any


def until(condition: Callable[[], Any], seconds: float = 40.0, *, what: str = "", every: float = 0.05) -> Any:
    """The first true value of `condition`, called `every` so many seconds; AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {seconds} s: {what or condition}"
        time.sleep(every)
    return value
