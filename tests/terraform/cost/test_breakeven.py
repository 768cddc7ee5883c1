"""Where the API is cheaper follows from what this environment gives it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.settings import Settings
from pipeline.terraform.cost import breakeven, plan_reader
from pipeline.terraform.cost.breakeven import ApiCapacity
from pipeline.terraform.cost.estimate import FunctionSize, TaskSize, estimate
from pipeline.terraform.cost.usage import Usage

SOURCES = {name: {"repository": name} for name in ("app", "static", "api")}
API = ApiCapacity(
    FunctionSize(512, arm=False), TaskSize(0.25, 0.5, 0, arm=False), 2, spot=0, has_address=False
)
USAGE = Usage(api_milliseconds=50)


def at(requests: float) -> Usage:
    return replace(USAGE, api_requests_per_second=requests)


@pytest.mark.parametrize(
    "api",
    [
        API,
        replace(API, tasks=6, spot=0.5, has_address=True),
        replace(API, function=FunctionSize(1024, arm=True)),
        replace(API, function=FunctionSize(256, arm=False, ready=1)),
    ],
)
def test_at_the_break_even_both_cost_the_same(api: ApiCapacity) -> None:
    even = breakeven.breakeven_rate(api, USAGE)
    assert even > 0
    assert api.monthly_lambda_cost(at(even)) == pytest.approx(api.monthly_fargate_cost())
    assert api.monthly_lambda_cost(at(even * 1.1)) > api.monthly_fargate_cost()


def test_the_break_even_rate_is_computed_by_hand() -> None:
    """2 x 10.36 a month, against 2,628,000 s x (0.0000002 + 0.5 GiB x 0.05 s x 0.0000166667)."""
    assert breakeven.breakeven_rate(API, USAGE) == pytest.approx(20.7247 / (2_628_000 * 6.1667e-7), abs=0.01)


def test_tasks_are_cheaper_at_every_rate_than_many_ready_instances() -> None:
    assert breakeven.breakeven_rate(replace(API, function=FunctionSize(2048, arm=False, ready=5)), USAGE) == 0


def test_longer_requests_move_it_down_and_more_tasks_up() -> None:
    even = breakeven.breakeven_rate(API, USAGE)
    assert breakeven.breakeven_rate(API, replace(USAGE, api_milliseconds=100)) < even
    assert breakeven.breakeven_rate(replace(API, tasks=4), USAGE) == pytest.approx(2 * even)


def test_the_description_names_memory_rate_and_task_size() -> None:
    text = breakeven.describe(replace(API, spot=0.5), at(3))
    assert "512 MiB, 3 requests/s of 50 ms" in text
    assert "2 x 0.25 vCPU, 0.5 GiB, 50% Spot" in text


DEFAULTS = {
    "api_cpu": 256,
    "api_count": 2,
    "api_warmth": "none",
    "api_provisioned_concurrency": 0,
    "spot_share": 0,
}
"""As the release root declares them."""


def read(tmp_path: Path, variables: dict[str, Any], **settings: Any) -> plan_reader.CostInputs:
    """What a plan with these variables, and the release root's defaults for the others, is about."""
    return read_plan(tmp_path, {**DEFAULTS, **variables}, **settings)


def read_plan(tmp_path: Path, variables: dict[str, Any], **settings: Any) -> plan_reader.CostInputs:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"variables": {name: {"value": value} for name, value in variables.items()}}))
    return plan_reader.read_plan_file(file, Settings.model_validate({"sources": SOURCES, **settings}))


@pytest.mark.parametrize("content", [None, b"{", b"\xff", b"[]", b'{"planned_values": 1}', b"[" * 200_000])
def test_a_file_that_is_no_plan_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "plan.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(TandemError, match=r"plan\.json") as caught:
        plan_reader.read_plan_file(file, Settings.model_validate({"sources": SOURCES}))
    assert "terraform show -json" in caught.value.hint


def test_a_plan_has_the_size_of_an_api_task(tmp_path: Path) -> None:
    variables = {"api_cpu": 512, "api_count": 3, "spot_share": 25, "api_warmth": "none"}
    api = read(tmp_path, variables, api={"memory": 1024}).api
    assert (api.size.vcpu, api.size.gib, api.tasks, api.spot) == (0.5, 1, 3, 0.25)
    assert api.function == FunctionSize(1024, arm=False)


@pytest.mark.parametrize(
    ("cpu", "memory", "gib"),
    [
        (256, 128, 0.5),
        (256, 513, 1),
        (512, 3008, 3),
        (4096, 8193, 10),
        (8192, 3008, 16),
        (16384, 10240, 32),
        (32768, 128, 60),
        (32768, 10240, 60),
    ],
)
def test_a_task_has_the_memory_that_terraform_computes(
    tmp_path: Path, cpu: int, memory: int, gib: float
) -> None:
    api = read(tmp_path, {"api_cpu": cpu}, api={"memory": memory}).api
    assert api.size.gib == gib


def test_provisioned_instances_count_if_warmth_is_provisioned(tmp_path: Path) -> None:
    variables = {"api_provisioned_concurrency": 2}
    assert read(tmp_path, variables).api.function.ready == 0
    assert read(tmp_path, {**variables, "api_warmth": "provisioned"}).api.function.ready == 2


@pytest.mark.terraform
def test_a_plan_without_the_variables_takes_the_declared_defaults(tmp_path: Path) -> None:
    """A task has at least twice its CPU units as memory, however little the function has."""
    api = read_plan(tmp_path, {}, api={"memory": 128}, task={"architecture": "ARM64"}).api
    assert api == ApiCapacity(
        FunctionSize(128, arm=True), TaskSize(0.25, 0.5, 0, arm=True), 2, spot=0, has_address=False
    )


@pytest.mark.parametrize(
    ("runtime", "expected"),
    [
        ("lambda", {"Fargate: tandem", "Lambda: tandem API"}),
        ("fargate", {"Fargate: tandem", "Fargate: tandem API"}),
    ],
)
def test_before_a_first_release_the_settings_are_estimated(runtime: str, expected: set[str]) -> None:
    settings = Settings.model_validate({"sources": SOURCES})
    resources = plan_reader.resources_from_settings(settings, API, runtime)
    assert {line.what for line in estimate(resources, USAGE)} == expected | {"Dashboard"}


def test_a_first_releases_spot_tasks_and_addresses_are_counted() -> None:
    settings = Settings.model_validate({"sources": SOURCES})
    api = replace(API, spot=0.5, has_address=True, function=FunctionSize(512, arm=False, ready=1))
    lines = {line.what: line for line in estimate(plan_reader.resources_from_settings(settings, api), USAGE)}
    assert lines["Fargate: tandem"].dollars == pytest.approx(13.47, abs=0.01)
    assert "Public addresses of tasks" in lines
    assert "Lambda: provisioned" in lines
