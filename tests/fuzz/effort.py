"""How hard the fuzz tests try: a few fixed cases in `make test`, as many new ones as `make fuzz` asks for."""

import os

from hypothesis import HealthCheck, settings

from tests.support.effort import examples

VARIABLE = "TANDEM_FUZZ"
_FIXED = 60


def effort(share: float = 1.0, *, fixed: int | None = None) -> settings:
    """The settings of one fuzz test.

    `share` is its part of the cases that are asked for: cases differ in what they take. `fixed` is the number
    of its fixed cases.
    """
    cases = os.environ.get(VARIABLE, "")
    count = int(int(cases) * share) if cases else examples(fixed or _FIXED)
    return settings(
        max_examples=max(count, 5),
        derandomize=not cases,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
