"""Poll a condition, with stamina."""

from collections.abc import Callable

from pipeline.core.retry import retry_context


class _NotYetError(Exception):
    """The condition is false."""


def wait_until(condition: Callable[[], object], seconds: float, *, every: float = 0.05) -> bool:
    """Whether the condition became true within `seconds`; it is evaluated at least once."""
    try:
        for attempt in retry_context(
            on=_NotYetError,
            attempts=None,
            timeout=seconds,
            wait_initial=every,
            wait_max=every,
            wait_jitter=0,
            wait_exp_base=1,
        ):
            with attempt:
                _require(condition)
    except _NotYetError:
        return False
    return True


def _require(condition: Callable[[], object]) -> None:
    if not condition():
        raise _NotYetError
