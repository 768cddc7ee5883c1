"""The page's estimate of what tasks cost is that of `tandem cost`."""

import pytest

from pipeline.terraform.cost import prices
from pipeline.terraform.cost.estimate import TaskSize
from tests.support.example_releases import make_release


@pytest.fixture
def cost(example):
    return example("console.cost")


def test_the_prices_are_those_of_the_price_table(cost):
    table = prices.PRICES
    assert (cost.DATED, cost.REGION, cost.HOURS) == (prices.DATED, prices.REGION, prices.HOURS)
    assert {"X86_64": table.fargate_vcpu_hour, "ARM64": table.fargate_arm_vcpu_hour} == cost.VCPU_HOUR
    assert {"X86_64": table.fargate_gib_hour, "ARM64": table.fargate_arm_gib_hour} == cost.GIB_HOUR
    assert table.fargate_storage_gib_hour == cost.DISK_GIB_HOUR
    assert table.fargate_storage_free_gib == cost.FREE_DISK_GIB


@pytest.mark.parametrize("kind", ["X86_64", "ARM64"])
@pytest.mark.parametrize("disk", [20, 50])
def test_the_estimate_is_that_of_the_command(cost, kind, disk):
    task = {
        "cpu": "512",
        "memory": "2048",
        "runtimePlatform": {"cpuArchitecture": kind},
        "ephemeralStorage": {"sizeInGiB": disk},
    }
    size = TaskSize(0.5, 2.0, disk, kind == "ARM64")
    assert cost.tasks(task, 3)["dollars_a_month"] == pytest.approx(3 * size.monthly_cost(), abs=0.01)


@pytest.mark.parametrize(
    "task",
    [
        {},
        {"cpu": "256"},
        {"cpu": "much", "memory": "512"},
        {"cpu": "256", "memory": "512", "runtimePlatform": {"cpuArchitecture": "RISCV"}},
    ],
)
def test_a_task_of_unknown_size_has_no_estimate(cost, task):
    assert cost.tasks(task, 2) is None


def test_a_release_shows_its_estimate(api, store):
    store.add(make_release(count=2))
    shown = api.get("/api/releases/1").json()
    assert shown["cost"]["dollars_a_month"] > 0
    assert shown["cost"]["prices"] == "eu-central-1, 2026-11"
