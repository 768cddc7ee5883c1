"""The release role can do a release and nothing else: the pipeline runs under it, with IAM enforced."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from pipeline.aws import cloudwatch, lambda_alias, log_events, secrets
from pipeline.aws.ecs import read_service
from pipeline.aws.one_off_task import TaskNetwork, find_revision, run_task, stop_task
from pipeline.core.platform import Platform
from pipeline.deploy.live import read_live
from pipeline.deploy.manifest import Release
from pipeline.deploy.preflight import Preflight
from pipeline.deploy.rollout import probe
from pipeline.deploy.rollout.reasons import last_lines
from pipeline.deploy.store import Outcome, Store, lock
from pipeline.local.ecs.api import api_hooks
from pipeline.local.ecs.planner.service_actions import StopCode
from pipeline.local.moto import InvokeResponse, on_invoke
from tests.deploy.preflight.test_preflight import Api
from tests.modules import switches
from tests.modules.account import REGISTRY, Account
from tests.modules.role_platform import (
    ALIAS,
    CODE_SECRET,
    TASK_SECRET,
    alias,
    applied,
    make_followed,
    secret,
    services,
    table_keys,
)
from tests.modules.role_requests import DENIED, MANIFEST
from tests.support.aws_access import aws
from tests.support.played_tasks import PlayedTasks

pytestmark = [pytest.mark.terraform, pytest.mark.applied]


def test_a_release_runs_under_its_own_role(account: Account, role: boto3.Session) -> None:
    first = applied(account.release(1, "a"))
    assert first["function_version"] == "1"
    applied(account.release(2, "b", {"stable_version": "1", "canary_percent": 10}))
    assert alias() == {"1": None, "2": 0.1}
    won = applied(account.release(2, "b", {"stable_version": "1", "canary_percent": 100}))
    assert alias() == {"2": None}
    assert won["task_definition_arn"].endswith(":2")
    assert role.client("sts").get_caller_identity()["Account"] == "123456789012"


@pytest.mark.usefixtures("role")
def test_it_keeps_releases_under_the_environments_lock(platform: dict[str, Any], release: Release) -> None:
    store = Store.in_bucket(aws(), platform["releases_bucket"], "local")
    with lock.held(store.objects, "a test") as lease:
        numbered = store.add(release)
        store.record(numbered.number, Outcome.STARTED, token=lease.token)
        lease.check()
        assert lease.renew()
        store.succeed(numbered.number, lease.token)
    assert store.current() == numbered
    assert [entry.outcome for entry in store.trail()] == [Outcome.STARTED, Outcome.SUCCEEDED]


@pytest.mark.usefixtures("role")
def test_it_checks_a_release_before_the_rollout(platform: dict[str, Any], release: Release) -> None:
    """Every check may read what it needs; a refused call would be a finding."""
    registry = Api()
    secret_arns = {"PASSWORD": f"{secret(TASK_SECRET)}:password::", "API": secret(CODE_SECRET)}
    api = replace(release.api, secrets=secret_arns)
    assert [
        str(finding)
        for finding in Preflight(aws(), Platform.parse(platform), lambda _host: registry).findings(
            replace(release, api=api)
        )
    ] == []
    assert secrets.versions(aws(), secret_arns).keys() == secret_arns.keys()


@pytest.mark.usefixtures("role")
def test_it_watches_a_rollout_and_reads_the_last_log_lines(
    admin: boto3.Session, platform: dict[str, Any]
) -> None:
    seen = read_service(aws(), platform["cluster_name"], platform["service_name"])
    assert seen.desired == 2
    logs = admin.client("logs")
    where = {"logGroupName": platform["app_log_group"], "logStreamName": "app/app/0123"}
    logs.create_log_stream(**where)
    now = int(datetime.now(UTC).timestamp() * 1000)
    logs.put_log_events(**where, logEvents=[{"timestamp": now, "message": "out of memory"}])
    assert last_lines(aws(), seen.task_definition, "app", "0123") == ["out of memory"]


@pytest.mark.usefixtures("role")
def test_it_probes_the_function_and_reads_its_metrics(platform: dict[str, Any]) -> None:
    on_invoke(lambda _name, version, _payload: InvokeResponse(b'{"statusCode": 200}', version))
    api = probe.ApiTarget.of(Platform.parse(platform), "/api")
    stable = lambda_alias.stable_version(aws(), api.function)
    assert stable
    lambda_alias.wait_until_active(aws(), api.function, stable)
    probe.invoke(aws(), api, stable)
    probe.require_few_errors(aws(), api, stable, datetime.now(UTC))
    assert cloudwatch.active_alarms(aws(), platform["name"]) == set()


@pytest.mark.usefixtures("role")
def test_it_reads_the_functions_log(admin: boto3.Session, platform: dict[str, Any]) -> None:
    logs, now = admin.client("logs"), datetime.now(UTC)
    where = {"logGroupName": platform["function_log_group"], "logStreamName": "2026/11/26/[1]abc"}
    logs.create_log_stream(**where)
    event: Any = {"timestamp": int(now.timestamp() * 1000), "message": "no module main"}
    logs.put_log_events(**where, logEvents=[event])
    since = now - timedelta(minutes=1)
    group = platform["function_log_group"]
    assert [line.text for line in log_events.read_events(aws(), group, "2026", since)] == ["no module main"]
    assert list(log_events.stream_starts(aws(), group, "2026")) == ["2026/11/26/[1]abc"]


@pytest.mark.usefixtures("role")
def test_it_reads_the_live_state(platform: dict[str, Any]) -> None:
    live = read_live(aws(), Platform.parse(platform))
    stable = lambda_alias.stable_version(aws(), platform["function_name"])
    assert (live.desired, live.alias_version) == (2, stable)


def test_it_logs_in_to_ecr(role: boto3.Session) -> None:
    data = role.client("ecr").get_authorization_token()["authorizationData"]
    assert base64.b64decode(data[0]["authorizationToken"]).startswith(b"AWS:")


def test_it_pushes_and_reads_images(role: boto3.Session) -> None:
    """The permissions that the registry API needs, by ECR's own calls: moto's ECR accepts no layers."""
    ecr, where = role.client("ecr"), {"repositoryName": "tandem/app"}
    ecr.put_image(**where, imageManifest=json.dumps(MANIFEST), imageTag="release-1")
    assert ecr.describe_images(**where)["imageDetails"][0]["imageTags"] == ["release-1"]
    assert ecr.list_images(**where)["imageIds"][0]["imageTag"] == "release-1"
    assert ecr.batch_get_image(**where, imageIds=[{"imageTag": "release-1"}])["images"]


def test_it_writes_and_reads_records(role: boto3.Session) -> None:
    table = role.resource("dynamodb").Table("tandem-local-records")
    keys = {key["AttributeName"]: "x" for key in table_keys()}
    table.put_item(
        Item={**keys, "seconds": 3}, ConditionExpression=f"attribute_not_exists({next(iter(keys))})"
    )
    assert table.get_item(Key=keys)["Item"]["seconds"] == 3
    name = next(iter(keys))
    assert table.query(KeyConditionExpression=Key(name).eq("x"))["Count"] == 1


@pytest.mark.parametrize(("service", "call", "arguments"), DENIED, ids=lambda value: str(value)[:30])
def test_it_can_do_nothing_else(
    role: boto3.Session, service: str, call: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(role.client(service), call)(**arguments)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_it_runs_and_stops_commands(account: Account, role: boto3.Session, platform: dict[str, Any]) -> None:
    applied(account.release(2, "b"))
    image = f"{REGISTRY}/tandem/api@sha256:{'b' * 64}"
    revision = find_revision(aws(), platform["run_family"], image)
    assert revision
    network = TaskNetwork(platform["service_subnet_ids"], platform["api_task_security_group_ids"], True)  # noqa: FBT003
    tasks = PlayedTasks()
    api_hooks.listen(tasks)  # moto alone runs no task whose containers have no memory of their own
    arn = run_task(aws(), "tandem-local", revision, network, ["true"], container="run", started_by="a test")
    stop_task(aws(), "tandem-local", arn, "enough")
    assert role.client("ecs").describe_tasks(cluster="tandem-local", tasks=[arn])["tasks"]
    tasks.end(StopCode.USER)  # a cluster with a running task is not deleted
    api_hooks.unlisten(tasks)


def test_it_deletes_no_release(role: boto3.Session, platform: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        role.client("s3").delete_object(
            Bucket=platform["releases_bucket"], Key="local/manifests/00000001.json"
        )


def test_it_passes_no_other_role(role: boto3.Session) -> None:
    containers = [{"name": "a", "image": "b", "memory": 64}]
    with pytest.raises(ClientError, match="iam:PassRole"):
        role.client("ecs").register_task_definition(
            family="tandem-local",
            taskRoleArn="arn:aws:iam::123456789012:role/admin",
            containerDefinitions=containers,
            tags=[{"key": "Stack", "value": "tandem-local"}],
        )


def test_it_registers_no_task_of_another_stack(role: boto3.Session) -> None:
    containers = [{"name": "a", "image": "b", "memory": 64}]
    for tags in ([], [{"key": "Stack", "value": "another"}]):
        with pytest.raises(ClientError, match="ecs:RegisterTaskDefinition"):
            role.client("ecs").register_task_definition(
                family="tandem-local", containerDefinitions=containers, tags=tags
            )


def test_autoscaling_takes_a_running_service_over_and_gives_it_back(
    account: Account, role: boto3.Session
) -> None:
    for variables in ({"autoscaling": switches.SCALING}, {}):
        root = account.release(3, "b", **variables)
        before = root._runner().addresses()
        assert "moved" in services(root.plan())
        assert root._runner().addresses() == before, "a plan changes nothing, the state included"
        done = root.apply()
        assert services(done) <= {"updated in-place"}, done.text
    answer = role.client("ecs").describe_services(cluster="tandem-local", services=["tandem-local"])
    assert answer["services"][0]["status"] == "ACTIVE"


def test_it_reads_what_runs_in_the_environment_that_it_follows(
    account: Account, admin: boto3.Session, role: boto3.Session, release: Release
) -> None:
    """As `tandem promote` does: the platform's outputs, then the current release."""
    state, releases = make_followed(account, admin, release)
    local = account.platform()
    followed = replace(
        local, data_dir=local.data_dir.with_name("followed"), backend={**local.backend, "bucket": state}
    )
    assert followed.output()["cluster_name"] == "tandem-local"
    current = Store.in_bucket(aws(), releases, "dev").current()
    assert current
    assert current.environment == "dev"
    for call, arguments in {
        "put_object": {"Bucket": releases, "Key": "dev/state.json", "Body": b""},
        "delete_object": {"Bucket": releases, "Key": "dev/state.json"},
        "get_object": {"Bucket": state, "Key": "release.tfstate"},
        "head_object": {"Bucket": releases, "Key": "prod/state.json"},
    }.items():
        with pytest.raises(ClientError) as refused:
            getattr(role.client("s3"), call)(**arguments)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403, call


def test_it_destroys_what_it_created(account: Account, role: boto3.Session) -> None:
    account.release(3, "b").destroy()
    with pytest.raises(ClientError, match="ResourceNotFound"):
        role.client("lambda").get_alias(**ALIAS)
