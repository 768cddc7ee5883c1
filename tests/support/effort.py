"""How many examples and cases tests try: all in `make test`, a few while only the unit suite runs."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import settings

_UNIT = "unit"
_SHARE, _LEAST = 8, 3


def register_profiles() -> None:
    """Register the profile of the unit suite and, loaded, that of all other runs.

    Machines that run the tests are shared: a slow example is no failure.
    """
    settings.register_profile(_UNIT, deadline=None, max_examples=examples_of_unit_suite(100))
    settings.register_profile("all", deadline=None)
    settings.load_profile("all")


def choose_unit_suite() -> None:
    """From now on, draw few examples."""
    settings.load_profile(_UNIT)


def is_unit_suite() -> bool:
    """Whether `choose_unit_suite` was called."""
    return settings.get_current_profile_name() == _UNIT


def examples(count: int) -> int:
    """`count`, or a part of it while only the unit suite runs."""
    return examples_of_unit_suite(count) if is_unit_suite() else count


def examples_of_unit_suite(count: int) -> int:
    return max(count // _SHARE, _LEAST)


def every_value(*values: Sequence[Any]) -> list[Any]:
    """Every combination of `values`, to parametrize a test with.

    The unit suite tries those that name each value at least once; the others are `slow`.
    """
    rows = max(map(len, values))
    once = [tuple(row % len(each) for each in values) for row in range(rows)]
    return [
        pytest.param(
            *(each[at] for each, at in zip(values, places, strict=True)),
            marks=() if places in once else pytest.mark.slow,
        )
        for places in product(*(range(len(each)) for each in values))
    ]
