"""Facts about polling a condition."""

from itertools import count
from time import monotonic

from pipeline.local.waiting import wait_until


def test_a_condition_that_becomes_true_ends_the_wait():
    numbers = count()
    assert wait_until(lambda: next(numbers) == 3, 5, every=0.01)


def test_a_condition_that_stays_false_ends_with_the_timeout():
    began = monotonic()
    assert not wait_until(lambda: False, 0.1, every=0.02)
    assert 0.05 < monotonic() - began < 2
