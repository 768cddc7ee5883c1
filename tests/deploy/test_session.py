"""Two environments work in one process: nothing of one leads into the other."""

import os
from pathlib import Path

import pytest

from pipeline.aws.access import Aws
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project, Settings
from pipeline.deploy.session import Session, open_session
from pipeline.local.moto import ControlPlane
from pipeline.local.stack import Stack
from tests.support.example_releases import PLATFORM, make_release

SOURCES = {name: {"repository": name} for name in ("app", "static", "api")}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    environments = {"dev": {"region": "eu-west-1"}, "prod": {"region": "us-east-1"}}
    return Project(tmp_path, Settings.model_validate({"sources": SOURCES, "environments": environments}))


@pytest.mark.slow
def test_two_environments_have_their_own_region_and_endpoint(
    project: Project, control: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(Stack, "environ", lambda _: control.environ())
    before = dict(os.environ)
    sessions = {name: open_session(project, name) for name in ("local", "dev", "prod")}
    clients = {name: session.aws.client("ecs") for name, session in sessions.items()}
    assert dict(os.environ) == before, "the process's environment stays as it is"
    regions = {name: client.meta.region_name for name, client in clients.items()}
    assert regions == {"local": "eu-central-1", "dev": "eu-west-1", "prod": "us-east-1"}
    assert clients["local"].meta.endpoint_url.startswith("http://127.0.0.1:")
    assert clients["dev"].meta.endpoint_url == "https://ecs.eu-west-1.amazonaws.com"
    assert clients["local"].list_clusters()["clusterArns"] is not None, "the local one has keys of its own"


def test_the_local_environment_never_leads_to_a_real_account(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stack, "environ", lambda _: {"AWS_REGION": "eu-central-1"})
    with pytest.raises(TandemError, match="would reach a real AWS account"):
        open_session(project, "local")


def test_a_real_environment_is_refused_while_an_endpoint_is_set(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(TandemError, match="would not be the real account"):
        open_session(project, "prod")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING", "https://aws.example"),
        ("AWS_ENDPOINT_URL_STS", "https://amazonaws.com.evil.example"),
        ("AWS_S3_ENDPOINT", "http://s3.eu-central-1.amazonaws.com"),
        ("AWS_STS_ENDPOINT", "https://evilamazonaws.com"),
    ],
)
def test_a_real_environment_is_refused_while_one_service_leads_elsewhere(
    project: Project, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(TandemError, match="would not be the real account") as refused:
        open_session(project, "prod")
    assert refused.value.hint == f"unset {variable}"


def test_a_real_environment_may_be_reached_by_its_vpc(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com")
    assert open_session(project, "prod").aws.region == "us-east-1"


def test_an_environment_that_is_not_named_is_refused(project: Project) -> None:
    with pytest.raises(TandemError, match=r"no environment 'staging': tandem\.toml names local, dev, prod"):
        open_session(project, "staging")


def test_terraform_on_the_local_stack_gets_nothing_of_a_real_account() -> None:
    local = Aws("eu-central-1", "http://127.0.0.1:9", "local", "local")
    parent = {"PATH": "/bin", "AWS_PROFILE": "prod", "AWS_SESSION_TOKEN": "secret", "AWS_REGION": "us-east-1"}
    environ = local.environ(parent)
    assert environ["PATH"] == "/bin"
    assert environ["AWS_REGION"] == "eu-central-1"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & environ.keys()
    real = Aws("eu-west-1").environ(parent)
    assert (real["AWS_PROFILE"], real["AWS_REGION"]) == ("prod", "eu-west-1")


@pytest.mark.parametrize(("environment", "seconds"), [("local", 0.5), ("dev", 1.0)])
def test_ecs_is_asked_less_often_where_requests_are_limited(
    project: Project, environment: str, seconds: float
) -> None:
    session = Session(project, environment, Aws("eu-west-1"))
    rollout = session.rollout(make_release(), lambda: None, platform=PLATFORM)
    assert rollout.every == seconds
