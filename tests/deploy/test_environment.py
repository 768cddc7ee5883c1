"""An environment's settings are those of its own table."""

from pathlib import Path

import pytest

from pipeline.core.settings import EnvironmentSettings, Project
from pipeline.deploy.environment import Environment
from tests.support.example_releases import SETTINGS


@pytest.mark.parametrize(
    ("name", "bake", "canary"), [("local", 3, 10), ("dev", 120, 120), ("prod", 300, 600)]
)
def test_counts_that_come_late_are_waited_for_in_an_account(name: str, bake: int, canary: int) -> None:
    """CloudWatch's counts are one or two minutes late, those of the local stack are not."""
    environments = {
        "dev": EnvironmentSettings(),
        "prod": EnvironmentSettings(bake_seconds=300, canary_seconds=600),
    }
    project = Project(Path(), SETTINGS.model_copy(update={"environments": environments}))
    environment = Environment(project, name)
    assert (environment.bake_seconds, environment.canary_seconds) == (bake, canary)
