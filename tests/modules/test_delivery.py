"""The module `delivery`, applied as far as the local AWS carries it; its roles can do their work and no more.

moto's CodeBuild refuses a project whose source is CODEPIPELINE without a location, which AWS ignores there;
the pipeline needs the project. All else of the module is applied, planned again and destroyed.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pipeline.core.paths import TERRAFORM
from pipeline.terraform import program
from tests.modules.account import Account

pytestmark = [pytest.mark.terraform, pytest.mark.applied]

SCOPE = "eu-central-1:123456789012"
CONNECTION = f"arn:aws:codeconnections:{SCOPE}:connection/11111111-2222-3333-4444-555555555555"
NOT_CARRIED = ("aws_codebuild_project.this", "aws_codepipeline.this")
ARTIFACTS, GROUP = "t-prod-delivery-123456789012", "/aws/codebuild/t-prod-delivery"
ROLES = "arn:aws:iam::123456789012:role"
BUILD = {"projectName": "t-prod-delivery"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "123456789012"}}


def secret(name: str) -> str:
    arn: str = client("secretsmanager").create_secret(Name=name, SecretString="token")["ARN"]
    return arn


def client(service: str) -> Any:
    return boto3.Session().client(service)


def root_of(folder: Path, tokens: dict[str, str]) -> dict[str, Any]:
    """A root with the module and a release role for it; its path is relative, for the modules beside it."""
    repositories = {
        "project": {"connection_arn": CONNECTION, "repository": "you/release"},
        "app": {"connection_arn": CONNECTION, "repository": "you/site", "paths": ["public/**"]},
    }
    policy = {"Version": "2012-10-17", "Statement": [TRUST]}
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        "provider": {"aws": {"region": "eu-central-1", "s3_use_path_style": True}},
        "resource": {
            "aws_iam_role": {"release": {"name": "t-prod-release", "assume_role_policy": json.dumps(policy)}}
        },
        "module": {
            "delivery": {
                "source": os.path.relpath(TERRAFORM / "modules" / "delivery", folder),
                "name": "t-prod",
                "environment": "prod",
                "account_id": "123456789012",
                "region": "eu-central-1",
                "image": f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/t/pipeline@sha256:{'0' * 64}",
                "release_role": {
                    "name": "${aws_iam_role.release.name}",
                    "arn": "${aws_iam_role.release.arn}",
                },
                "repositories": repositories,
                "emails": ["team@example.org"],
                "require_tls": False,
                "read_token": {"secret_arn": tokens["read"]},
                "status_token": {"secret_arn": tokens["status"], "service": "gitlab"},
            }
        },
    }


@dataclass(frozen=True)
class Root:
    """The root, as Terraform runs it."""

    folder: Path

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, **program.environ(self.folder / "data")}
        command = ["terraform", *argv, "-no-color"]
        return subprocess.run(command, cwd=self.folder, env=env, text=True, capture_output=True, check=False)

    def carried(self) -> list[str]:
        """The options for all resources but those that the local AWS does not carry."""
        planned = self.run("plan", "-out=all.tfplan")
        assert planned.returncode == 0, planned.stderr
        shown = json.loads(self.run("show", "-json", "all.tfplan").stdout)
        names = [each["address"] for each in shown["resource_changes"] if each["mode"] == "managed"]
        kept = [name for name in names if not name.endswith(NOT_CARRIED)]
        assert len(names) - len(kept) == len(NOT_CARRIED)
        return [f"-target={name}" for name in kept]


@pytest.fixture(scope="module")
def tokens(account: Account) -> dict[str, str]:  # noqa: ARG001 - the environment leads to it
    return {name: secret(name) for name in ("read", "status", "other")}


@pytest.fixture(scope="module")
def root(tokens: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Root]:
    folder = tmp_path_factory.mktemp("delivery")
    (folder / "main.tf.json").write_text(json.dumps(root_of(folder.resolve(), tokens)))
    made = Root(folder)
    ready = made.run("init")
    assert ready.returncode == 0, ready.stderr
    applied = made.run("apply", "-auto-approve", *made.carried())
    assert applied.returncode == 0, applied.stderr
    yield made
    destroyed = made.run("destroy", "-auto-approve")
    assert destroyed.returncode == 0, destroyed.stderr


def role(name: str) -> boto3.Session:
    keys = client("sts").assume_role(RoleArn=f"{ROLES}/{name}", RoleSessionName="a-test")["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def status(session: boto3.Session, service: str, call: str, **arguments: Any) -> int:
    """The HTTP status of a call; not 403 where the local AWS allows it and then cannot do it."""
    try:
        answer = getattr(session.client(service), call)(**arguments)
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def test_a_second_plan_has_no_changes(root: Root) -> None:
    planned = root.run("plan", "-detailed-exitcode", *root.carried())
    assert planned.returncode == 0, planned.stdout


def test_what_is_not_carried_is_refused_by_moto_and_by_nothing_else(root: Root) -> None:
    """If this fails, moto has learned it: apply the whole module."""
    applied = root.run("apply", "-auto-approve")
    assert applied.returncode == 1
    assert "InvalidInputException: Project source location is required" in " ".join(applied.stderr.split())
    assert applied.stderr.count("Error: ") == 1


@pytest.mark.usefixtures("root")
def test_the_pipeline_reads_heads_and_starts_its_own_build() -> None:
    pipeline = role("t-prod-delivery-pipeline")
    artifact = {"Bucket": ARTIFACTS, "Key": "run/project.zip"}
    assert status(pipeline, "s3", "put_object", **artifact, Body=b"x") == 200
    assert status(pipeline, "s3", "get_object", **artifact) == 200
    assert status(pipeline, "codebuild", "start_build", **BUILD) != 403
    denied: list[tuple[str, str, dict[str, Any]]] = [
        ("s3", "delete_object", artifact),
        ("s3", "put_object", {"Bucket": "tandem-local-state-123456789012", "Key": "x", "Body": b""}),
        ("codebuild", "start_build", {"projectName": "another"}),
        ("codepipeline", "start_pipeline_execution", {"name": "t-prod-delivery"}),
        ("secretsmanager", "get_secret_value", {"SecretId": "read"}),
        ("sts", "assume_role", {"RoleArn": f"{ROLES}/t-prod-release", "RoleSessionName": "a-test"}),
        ("sns", "publish", {"TopicArn": f"arn:aws:sns:{SCOPE}:t-prod-delivery", "Message": "x"}),
    ]  # fmt: skip
    for service, call, arguments in denied:
        assert status(pipeline, service, call, **arguments) == 403, call


@pytest.mark.usefixtures("root")
def test_the_schedule_starts_this_pipeline_only() -> None:
    schedule = role("t-prod-delivery-schedule")
    assert status(schedule, "codepipeline", "start_pipeline_execution", name="t-prod-delivery") != 403
    assert status(schedule, "codepipeline", "start_pipeline_execution", name="another") == 403
    assert status(schedule, "codebuild", "start_build", **BUILD) == 403
    assert status(schedule, "s3", "get_object", Bucket=ARTIFACTS, Key="run/project.zip") == 403


def test_the_build_reads_its_input_image_and_tokens_and_writes_its_log(
    root: Root, tokens: dict[str, str]
) -> None:
    del root
    build, artifact = role("t-prod-release"), {"Bucket": ARTIFACTS, "Key": "run/project.zip"}
    client("s3").put_object(**artifact, Body=b"x")
    for name in ("t/pipeline", "t/app"):
        client("ecr").create_repository(repositoryName=name)
    image = {"imageIds": [{"imageTag": "1"}]}
    assert status(build, "s3", "get_object", **artifact) == 200
    assert status(build, "logs", "create_log_stream", logGroupName=GROUP, logStreamName="1") == 200
    assert status(build, "ecr", "batch_get_image", repositoryName="t/pipeline", **image) == 200
    for name in ("read", "status"):
        assert status(build, "secretsmanager", "get_secret_value", SecretId=tokens[name]) == 200
    assert status(build, "secretsmanager", "get_secret_value", SecretId=tokens["other"]) == 403
    assert status(build, "s3", "put_object", **artifact, Body=b"") == 403
    assert status(build, "ecr", "batch_get_image", repositoryName="t/app", **image) == 403
    client("logs").create_log_group(logGroupName="/another")
    assert status(build, "logs", "create_log_stream", logGroupName="/another", logStreamName="1") == 403
    assert status(build, "codepipeline", "start_pipeline_execution", name="t-prod-delivery") == 403


def test_destroy_leaves_nothing(root: Root) -> None:
    destroyed = root.run("destroy", "-auto-approve")
    assert destroyed.returncode == 0, destroyed.stderr
    assert root.run("state", "list").stdout == ""
    assert [each["Name"] for each in client("s3").list_buckets()["Buckets"]] == [
        "tandem-local-state-123456789012"
    ]
    assert [
        each["RoleName"] for each in client("iam").list_roles()["Roles"] if "t-prod" in each["RoleName"]
    ] == []
    assert client("events").list_rules()["Rules"] == []
    assert client("sns").list_topics()["Topics"] == []
    assert client("logs").describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"] == []
