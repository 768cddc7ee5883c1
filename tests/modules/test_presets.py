"""Each preset can be planned as it stands, and costs what it says."""

import re
import shutil
from pathlib import Path

import pytest

from pipeline.aws import state_bucket
from pipeline.core.paths import TERRAFORM
from pipeline.core.settings import Project, Settings
from pipeline.terraform.cost.estimate import estimate
from pipeline.terraform.cost.plan_reader import read_environment
from pipeline.terraform.cost.usage import Usage
from tests.modules.account import Account
from tests.support.aws_access import aws

pytestmark = [pytest.mark.terraform, pytest.mark.applied]

PRESETS = TERRAFORM / "presets"
LITTLE = Usage(api_requests_per_second=0.2, site_requests_per_second=1, image_gib=1, log_gib=1, nat_gib=5)
"""The traffic of a site that few people visit: half a million API requests a month."""
MOST = {"minimal": 60}


def monthly_cost(preset: str, folder: Path) -> float:
    envs = folder / "terraform" / "envs"
    envs.mkdir(parents=True)
    for name in (".tfvars", ".release.tfvars"):
        shutil.copy(PRESETS / f"{preset}{name}", envs / f"stage{name}")
    (envs / "stage.tfbackend").write_text((TERRAFORM / "envs" / "dev.tfbackend").read_text())
    sources = {name: {"repository": name} for name in ("app", "static", "api")}
    environments = {"stage": {"account_id": "123456789012"}}
    settings = Settings.model_validate({"sources": sources, "environments": environments})
    project = Project(folder, settings)
    state_bucket.bootstrap(aws(), project, "stage")
    lines = estimate(read_environment(project, "stage", aws()).resources, LITTLE)
    print(*lines, sep="\n")
    return sum(line.dollars for line in lines)


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("preset", ["minimal", "production"])
def test_a_preset_costs_what_it_says(preset: str, tmp_path: Path, account: Account) -> None:
    del account
    stated = re.search(r"About \$(\d+) a month", (PRESETS / f"{preset}.tfvars").read_text())
    assert stated
    cost = monthly_cost(preset, tmp_path)
    assert abs(cost - int(stated[1])) < 5, f"{cost:.2f}"
    assert cost <= MOST.get(preset, cost)


def test_the_environments_of_this_repository_follow_the_presets() -> None:
    """prod.tfvars is the preset as it was copied."""
    for suffix in (".tfvars", ".release.tfvars"):
        preset = (PRESETS / f"production{suffix}").read_text()
        assert (TERRAFORM / "envs" / f"prod{suffix}").read_text() == preset
