"""An account of our own: the control plane in this process, both roots driven as the pipeline drives them."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest

from pipeline import bootstrap, infra
from pipeline.local import control
from pipeline.settings import Project, Settings

REGISTRY = "127.0.0.1:5000"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"


@dataclass
class Account:
    """Applies roots with more variables than the project's, and looks at what is there."""

    project: Project

    def platform(self, **variables: Any) -> infra.Terraform:
        root = infra.platform(self.project, "local", registry_host=REGISTRY)
        return self._with(root, variables)

    def release(
        self, number: int, digest: str, weights: Mapping[str, Any] | None = None, **variables: Any
    ) -> infra.Terraform:
        platform = self.platform().output()
        manifest = release(platform, number, digest, dict(weights or {}))
        return self._with(infra.release(self.project, "local", platform, manifest), variables)

    def _with(self, root: infra.Terraform, variables: Mapping[str, Any]) -> infra.Terraform:
        file = self.project.root / f"{root.root.name}.more.tfvars.json"
        file.write_text(json.dumps(variables))
        return replace(root, var_files=[*root.var_files, file])


def release(platform: Mapping[str, Any], number: int, digest: str, weights: dict[str, Any]) -> dict[str, Any]:
    def image(name: str) -> str:
        return f"{REGISTRY}/tandem/{name}@sha256:{digest * 64}"

    app = {
        "name": "app",
        "image": image("app"),
        "essential": True,
        "readonlyRootFilesystem": True,
        "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
        "dependsOn": [{"containerName": "static", "condition": "SUCCESS"}],
        "volumesFrom": [{"sourceContainer": "static", "readOnly": True}],
    }
    static = {"name": "static", "image": image("static"), "essential": False}
    return {
        "number": number,
        "layout": "sidecar",
        "commits": {"app": "1" * 40, "static": "2" * 40},
        "task": {
            "family": "tandem-local",
            "cpu": 256,
            "memory": 512,
            "architecture": "X86_64",
            "execution_role_arn": platform["execution_role_arn"],
            "task_role_arn": platform["task_role_arn"],
            "container_definitions": json.dumps([app, static]),
            "volumes": [{"name": "content"}, {"name": "tmp"}],
            "container": "app",
            "port": 8080,
            "count": 2,
        },
        "api": {
            "image": image("api"),
            "memory": 512,
            "timeout": 10,
            "reserved_concurrency": 10,
            "secrets": {"DB": SECRET},
            "weights": weights,
        },
    }


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An empty account with a state bucket."""
    sources = {name: {"repository": name} for name in ("app", "static", "api")}
    settings = Settings.model_validate({"sources": sources, "api": {"secrets": {"DB": SECRET}}})
    project = Project(tmp_path_factory.mktemp("project"), settings)
    plane = control.start()
    with pytest.MonkeyPatch.context() as patch:
        for key, value in plane.environ().items():
            patch.setenv(key, value)
        bootstrap.bootstrap(project, "local")
        yield Account(project)
    plane.stop()


@pytest.fixture
def release_role(account: Account, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """The release role, taken: Terraform and boto3 run as it until the test ends."""
    role = account.platform().output()["release_role_arn"]
    sts = boto3.Session().client("sts")
    taken = sts.assume_role(RoleArn=role, RoleSessionName="ci")["Credentials"]
    names = {
        "AWS_ACCESS_KEY_ID": "AccessKeyId",
        "AWS_SECRET_ACCESS_KEY": "SecretAccessKey",
        "AWS_SESSION_TOKEN": "SessionToken",
    }
    for variable, key in names.items():
        monkeypatch.setenv(variable, taken[key])
    assert os.environ["AWS_ACCESS_KEY_ID"] != "local"
    return boto3.Session()
