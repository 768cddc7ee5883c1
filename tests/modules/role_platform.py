"""A platform with secrets, and a release for it, for the tests of the release role."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pipeline.deploy.manifest import Release
from tests.modules.account import Account, administrator
from tests.modules.block import apply_and_settle
from tests.support.example_releases import make_release

CODE_SECRET, TASK_SECRET = "code", "task"


def secret(name: str) -> str:
    manager = administrator().client("secretsmanager")
    try:
        return str(manager.describe_secret(SecretId=name)["ARN"])
    except ClientError:
        return str(manager.create_secret(Name=name, SecretString=json.dumps({"password": "x"}))["ARN"])


@pytest.fixture(scope="module")
def platform(account: Account) -> Iterator[dict[str, Any]]:
    """The platform, applied by an administrator, with HTTPS and secrets for function and tasks."""
    certificate = administrator().client("acm").request_certificate(DomainName="www.example.org")
    variables = {"certificate_arn": certificate["CertificateArn"], "api_secret_arns": [secret(CODE_SECRET)]}
    variables["follows"] = "dev"
    variables["app_secret_arns"] = [f"{secret(TASK_SECRET)}:password::"]
    root = account.platform(**variables)
    apply_and_settle(root)
    yield root.output()
    without_images = account.platform(**variables, delete_images=True)
    without_images.apply(target="module.registry")
    without_images.destroy()


@pytest.fixture
def admin() -> boto3.Session:
    return administrator()


@pytest.fixture
def role(platform: dict[str, Any], release_role: boto3.Session) -> boto3.Session:  # noqa: ARG001
    return release_role


@pytest.fixture
def release(platform: dict[str, Any]) -> Release:
    """A release for this platform, as the pipeline composes it."""
    made = make_release()
    task = {
        **made.task_definition,
        "family": platform["service_name"],
        "executionRoleArn": platform["execution_role_arn"],
        "taskRoleArn": platform["task_role_arn"],
    }
    for container in task["containerDefinitions"]:
        if "logConfiguration" in container:
            container["logConfiguration"]["options"]["awslogs-group"] = platform["app_log_group"]
    return replace(made, task_definition=task)
