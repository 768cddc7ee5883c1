"""The plan of a root refuses what AWS would reject late, and names the variable and a hint.

`expect_failures` of a root's own tests cannot name a module's variables, so the diagnostics are read here.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.core.paths import TERRAFORM
from tests.modules.terraform_diagnostics import diagnostics

pytestmark = pytest.mark.terraform

ELSEWHERE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
OVERLAP = '{ all = { priority = 50, paths = ["/*"], targets = { app = 1 } } }'
TASKS = (
    'platform = merge(var.platform, { api_runtime = "fargate", api_target_group_arns = { fargate = "arn" } })'
)
RANGES = '["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]'

PLATFORM = {
    "certificate": (
        f'certificate_arn = "{ELSEWHERE}"',
        r"certificate_arn is .* another region .*request it there",
    ),
    "subnets": (
        f"subnet_cidrs = {{ public = {RANGES}, private = {RANGES} }}",
        r"zones is fewer than the subnets in subnet_cidrs: raise zones",
    ),
    "routes": (f"routes = {OVERLAP}", r"routes overlap: .*Give the narrower path the lower number"),
    "stickiness": ("stickiness = 0.5", r"stickiness must be 0 \(off\), or 1 to 604800"),
}
RELEASE = {
    "spot": ("spot_share = 101", r"spot_share must be 0 to 100 percent"),
    "memory": (
        "release = merge(var.release, { task = merge(var.release.task, { memory = 500 }) })",
        r"task.memory \(500\) does not fit task.cpu \(256\): Fargate takes 256 with 512",
    ),
    "api_cpu": (
        f"{TASKS}\n  api_cpu = 300",
        r"api_cpu \(300\) must be 256, .*an eighth of api.memory \(512\): raise api_cpu",
    ),
    "provisioned": (
        f'{TASKS}\n  api_provisioned_concurrency = 2\n  api_warmth = "provisioned"',
        r'api_provisioned_concurrency must be 0 with api_runtime = "fargate": .*Set it to 0',
    ),
}


def refusals(
    root: str, cases: dict[str, tuple[str, str]], provider: Mapping[str, str], work: Path
) -> dict[str, str]:
    """The diagnostics of each case's plan, by name."""
    header = (TERRAFORM / root / "tests" / "makes.tftest.hcl").read_text().partition('\nrun "')[0]
    tests = {
        name: f'{header}\nrun "{name}" {{\n  command = plan\n  variables {{\n  {line}\n  }}\n}}\n'
        for name, (line, _) in cases.items()
    }
    texts = dict.fromkeys(cases, "")
    for diagnostic in diagnostics(TERRAFORM / root, tests, provider, work):
        texts[diagnostic.test] += diagnostic.text
    return texts


@pytest.fixture(scope="module")
def platform(provider: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return refusals("platform", PLATFORM, provider, tmp_path_factory.mktemp("platform"))


@pytest.fixture(scope="module")
def release(provider: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return refusals("release", RELEASE, provider, tmp_path_factory.mktemp("release"))


@pytest.mark.parametrize("case", PLATFORM)
def test_the_platform_refuses(platform: dict[str, str], case: str) -> None:
    assert re.search(PLATFORM[case][1], platform[case]), platform[case]


@pytest.mark.parametrize("case", RELEASE)
def test_the_release_refuses(release: dict[str, str], case: str) -> None:
    assert re.search(RELEASE[case][1], release[case]), release[case]
