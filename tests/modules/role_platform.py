"""A platform with secrets, a release for it, and what is there, for the tests of the release role."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Store, lock
from pipeline.terraform import roots
from pipeline.terraform.runner import TerraformPlan
from tests.modules.account import Account, administrator
from tests.modules.block import apply_and_settle
from tests.support.aws_access import aws
from tests.support.example_releases import make_release

CODE_SECRET, TASK_SECRET = "code", "task"
ALIAS = {"FunctionName": "tandem-local-api", "Name": "live"}


def secret(name: str) -> str:
    manager = administrator().client("secretsmanager")
    try:
        return str(manager.describe_secret(SecretId=name)["ARN"])
    except ClientError:
        return str(manager.create_secret(Name=name, SecretString=json.dumps({"password": "x"}))["ARN"])


def applied(root: roots.TerraformRoot) -> dict[str, Any]:
    apply_and_settle(root)
    return root.output()


def alias() -> dict[str, Any]:
    configuration = administrator().client("lambda").get_alias(**ALIAS)
    return {
        configuration["FunctionVersion"]: None,
        **configuration.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}),
    }


def table_keys() -> list[dict[str, str]]:
    admin = administrator().client("dynamodb")
    keys: list[dict[str, str]] = admin.describe_table(TableName="tandem-local-records")["Table"]["KeySchema"]
    return keys


def services(plan: TerraformPlan) -> set[str]:
    """What happens to the ECS services."""
    return {change.how for change in plan.resources if "aws_ecs_service" in change.address}


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


def make_followed(account: Account, admin: boto3.Session, release: Release) -> tuple[str, str]:
    """The state and current release of `dev`, which the environment follows; the names of their buckets."""
    state, releases = (f"tandem-dev-{kind}-123456789012" for kind in ("state", "releases"))
    s3 = admin.client("s3")
    for bucket in (state, releases):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    key = {"Bucket": account.platform().backend["bucket"], "Key": "platform.tfstate"}
    s3.copy_object(Bucket=state, Key="platform.tfstate", CopySource=key)  # type: ignore[arg-type]
    keys = admin.get_credentials()
    assert keys
    owner = replace(aws(), access_key=keys.access_key, secret_key=keys.secret_key, session_token="")
    store = Store.in_bucket(owner, releases, "dev")
    with lock.held(store.objects, "a test") as lease:
        number = store.add(replace(release, environment="dev")).number
        store.succeed(number, lease.token)
    return state, releases
