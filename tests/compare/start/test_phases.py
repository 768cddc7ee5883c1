"""The phases of a start follow one after the other and add up to its seconds."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.compare.start.figures import PHASES
from pipeline.compare.start.phases import StartTimes, start_phases


@dataclass
class Pull:
    downloaded: float
    ended: float


TASK = StartTimes(began=100.5, running=110.0, copy=2.0, start=3.0)


def test_each_second_belongs_to_one_phase():
    phases = start_phases(100.0, 111.0, TASK, [Pull(102.0, 103.0), Pull(104.5, 106.0)])
    assert phases == {
        "schedule": 0.5,
        "pull": 4.0,
        "unpack": 1.5,
        "network": 1.0,
        "copy": 2.0,
        "start": 1.0,
        "healthy": 1.0,
    }
    assert list(phases) == [phase.key for phase in PHASES]


def test_the_last_byte_of_the_slowest_image_ends_the_pull():
    one = start_phases(100.0, 111.0, TASK, [Pull(102.0, 103.0)])
    two = start_phases(100.0, 111.0, TASK, [Pull(102.0, 103.0), Pull(105.0, 105.0)])
    assert (one["pull"], two["pull"]) == (1.5, 4.5)
    assert (one["unpack"], two["unpack"]) == (1.0, 0.0)


def test_a_task_without_a_pull_has_no_seconds_of_one():
    phases = start_phases(100.0, 111.0, TASK, [])
    assert phases["pull"] == phases["unpack"] == 0.0
    assert sum(phases.values()) == pytest.approx(11.0)


@settings(max_examples=30)
@given(
    times=st.lists(st.floats(0, 1000), min_size=9, max_size=9),
    served=st.floats(0, 1000),
)
def test_whatever_the_threads_noted_no_phase_is_negative_and_none_is_lost(times, served):
    called, *rest = times
    pulls = [Pull(rest[0], rest[1]), Pull(rest[2], rest[3])]
    phases = start_phases(called, called + served, StartTimes(*rest[4:]), pulls)
    assert min(phases.values()) >= 0
    assert sum(phases.values()) == pytest.approx(served, abs=1e-6)
