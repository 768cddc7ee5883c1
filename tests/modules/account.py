"""An account of the local AWS, in which both roots are applied with extra variables."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3

from pipeline.aws import state_bucket as bootstrap
from pipeline.core.settings import Project, Settings
from pipeline.local.moto import client_environment, start_control_plane
from pipeline.local.stack_keys import CredentialsFile
from pipeline.terraform import roots
from tests.modules.matrix import deep
from tests.modules.switches import SECRET
from tests.support.aws_access import aws

REGISTRY = "127.0.0.1:5000"
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AccessKeyId",
    "AWS_SECRET_ACCESS_KEY": "SecretAccessKey",
    "AWS_SESSION_TOKEN": "SessionToken",
}


@dataclass(frozen=True)
class Account:
    """Gives both roots in an account, with extra variables."""

    project: Project
    credentials: Mapping[str, str] = field(default_factory=dict)
    """The credentials that Terraform uses instead of the process's own."""

    def platform(self, **variables: Any) -> roots.TerraformRoot:
        root = roots.platform(self.project, "local", aws(), registry_host=REGISTRY)
        return self._with(root, variables)

    def release(
        self, number: int, digest: str, weights: Mapping[str, Any] | None = None, **variables: Any
    ) -> roots.TerraformRoot:
        """The release root; the variable `release` is merged over the manifest."""
        platform = self.platform().output()
        defaults = {"api": {"weights": dict(weights or {})}}
        changed = deep(defaults, variables.pop("release", {}))
        manifest = deep(manifest_of(platform, number, digest), changed)
        return self._with(roots.release(self.project, "local", aws(), platform, manifest), variables)

    def release_credentials(self) -> dict[str, str]:
        """Environment variables with the credentials of the release role."""
        role = self.platform().output()["release_role_arn"]
        sts = boto3.Session().client("sts")
        credentials = sts.assume_role(RoleArn=role, RoleSessionName="ci")["Credentials"]
        return {variable: credentials[key] for variable, key in _CREDENTIALS.items()}

    def _with(self, root: roots.TerraformRoot, variables: Mapping[str, Any]) -> roots.TerraformRoot:
        file = self.project.root / f"{root.folder.name}.more.tfvars.json"
        file.write_text(json.dumps(variables))
        env = {**root.env, **self.credentials}
        return replace(root, env=env, var_files=[*root.var_files, file])


def administrator() -> boto3.Session:
    """A session with the account's own keys, whatever role the environment's keys belong to."""
    keys = CredentialsFile(Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"])).read()
    return boto3.Session(keys.access_key, keys.secret_key)


def project(folder: Path) -> Project:
    sources = {name: {"repository": name} for name in ("app", "static", "api")}
    settings = Settings.model_validate({"sources": sources, "api": {"secrets": {"DB": SECRET}}})
    return Project(folder, settings)


@contextmanager
def empty_account(folder: Path) -> Iterator[Account]:
    """An empty account with a state bucket; the environment variables of the process select it."""
    file = CredentialsFile(folder / "credentials")
    plane = start_control_plane(keys=file.ensure())
    before = dict(os.environ)
    os.environ.update(client_environment(plane.port, plane.keys, str(file.path)))
    try:
        made = project(folder)
        bootstrap.bootstrap(aws(), made, "local")
        yield Account(made)
    finally:
        os.environ.clear()
        os.environ.update(before)
        plane.stop()


def manifest_of(platform: Mapping[str, Any], number: int, digest: str) -> dict[str, Any]:
    """A release as the pipeline passes it to Terraform; all its images have the same digest."""

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
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": platform["app_log_group"],
                "awslogs-region": platform["region"],
                "awslogs-stream-prefix": "app",
            },
        },
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
        },
    }
