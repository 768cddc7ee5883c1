"""A plan says what is allowed and rarely wanted: plain HTTP, alarms that reach nobody."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.core.settings import Project
from pipeline.deploy.advice import advice
from tests.support.example_releases import SETTINGS

pytestmark = pytest.mark.terraform  # its console evaluates the environment's variables


def advice_text(folder: Path, text: str, *, is_local: bool = False) -> str:
    envs = folder / "terraform" / "envs"
    envs.mkdir(parents=True)
    (envs / "stage.tfbackend").write_text("")
    (envs / "stage.tfvars").write_text(text)
    session = SimpleNamespace(is_local=is_local, environment="stage", project=Project(folder, SETTINGS))
    return "\n".join(advice(session))  # type: ignore[arg-type]


def test_plain_http_and_alarms_for_nobody_are_said(tmp_path: Path) -> None:
    lines = advice_text(tmp_path, "").splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "the site is served over plain HTTP",
        "alarms reach nobody",
    ]
    assert all(line.endswith("(terraform/envs/stage.tfvars)") for line in lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('domain = "a.example"\nzone_id = "Z1"\n', ""),
        ('certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/1"\n', ""),
        ("cdn = {}\n", "CloudFront reaches the load balancer over plain HTTP"),
        ('domain = "a.example"\nzone_id = "Z1"\nwaf = {}\n', "the WAF only counts"),
        ('domain = "a.example"\nzone_id = "Z1"\nwaf = { managed_rules = "block" }\n', ""),
    ],
)
def test_only_what_is_so_is_said(tmp_path: Path, text: str, expected: str) -> None:
    sentence = advice_text(tmp_path, f'alarm_emails = ["team@example.org"]\n{text}')
    assert sentence.startswith(expected)
    assert bool(sentence) is bool(expected)


def test_the_local_environment_is_left_alone(tmp_path: Path) -> None:
    assert not advice_text(tmp_path, "", is_local=True)
