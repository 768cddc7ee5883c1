"""Facts about the execution environments of one version."""

from dataclasses import dataclass, field
from threading import Event, Thread

from pipeline.local.awslambda.concurrency import ConcurrencyLimits
from pipeline.local.awslambda.container_pool import ContainerPool
from pipeline.local.awslambda.runtime_api import failure


@dataclass(eq=False)
class Container:
    """Stands for an execution environment: it starts at once, or fails with `failure`."""

    fails: object = None
    alive: bool = True
    idle_since: float = 0.0
    started: list = field(default_factory=list)
    gate: Event | None = None

    def start(self):
        if self.gate:
            self.gate.wait(5)
        return self.fails

    def close(self):
        self.alive = False


def test_an_idle_container_is_taken_again():
    pool = ContainerPool(Container)
    first = pool.take()
    pool.give(first)
    assert pool.take() is first


def test_two_at_once_are_two_containers():
    pool = ContainerPool(Container)
    assert pool.take() is not pool.take()


def test_a_dead_container_is_not_taken():
    pool = ContainerPool(Container)
    first = pool.take()
    pool.give(first)
    first.alive = False
    assert pool.take() is not first


def test_one_whose_keys_expire_is_closed_instead_of_taken():
    pool = ContainerPool(lambda: Expiring(alive=True))
    first = pool.take()
    pool.give(first)
    first.alive = False
    pool.take()
    assert first.closed


@dataclass(eq=False)
class Expiring(Container):
    """It ends by its age, without being closed."""

    closed: bool = False

    def close(self):
        self.closed = True


def test_a_start_that_fails_is_the_outcome():
    failed = failure("Runtime.ExitError", "no")
    assert ContainerPool(lambda: Container(failed)).take() is failed
    assert ContainerPool(lambda: Container(failed)).warm() is failed


def test_a_job_waits_for_the_container_that_is_on_its_way():
    gate, made = Event(), []

    def make():
        made.append(Container(gate=gate))
        return made[-1]

    pool = ContainerPool(make)
    warmer = Thread(target=pool.warm)
    warmer.start()
    while not made:
        pass
    Thread(target=gate.set).start()
    assert pool.take() is made[0]
    warmer.join()
    assert len(made) == 1


def test_containers_idle_for_long_are_ended():
    pool = ContainerPool(Container)
    first = pool.take()
    pool.give(first)
    pool.reap(1.0)
    assert not first.alive


def test_a_container_that_comes_back_to_a_closed_fleet_is_ended():
    pool = ContainerPool(Container)
    first = pool.take()
    pool.close()
    pool.give(first)
    assert not first.alive


def test_no_more_invocations_run_than_reserved():
    limits = ConcurrencyLimits(lambda _: 1)
    with limits.admit("a") as first, limits.admit("a") as second, limits.admit("b") as other:
        assert (first, second, other) == (True, False, True)
    with limits.admit("a") as again:
        assert again
