"""Everything that is missing is found at once, before anything changes."""

import json
from dataclasses import replace

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.platform import Platform
from pipeline.deploy.manifest import Release
from pipeline.deploy.preflight import Preflight
from tests.deploy.preflight.test_image_contract import Shelf
from tests.support.aws_access import aws
from tests.support.example_releases import PLATFORM, SETTINGS, make_release

pytestmark = pytest.mark.usefixtures("cloud")


class Api(Shelf):
    """A shelf with the API's image as well."""

    def __init__(self) -> None:
        super().__init__()
        self.configs["api"] = {"architecture": "amd64", "config": {"Cmd": ["main.handler"]}}
        self.layers["api"] = []


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def platform(cloud: None) -> Platform:  # noqa: ARG001 - moto has to be there first
    iam, ec2 = aws().client("iam"), aws().client("ec2")
    for name, service in (
        ("shop-dev-execution", "ecs-tasks.amazonaws.com"),
        ("shop-dev-task", "ecs-tasks.amazonaws.com"),
        ("shop-dev-api", "lambda.amazonaws.com"),
    ):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))
    for group in ("/shop-dev/app", "/shop-dev/api"):
        aws().client("logs").create_log_group(logGroupName=group)
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = (
        aws()
        .client("elbv2")
        .create_target_group(Name="app", Port=8080, Protocol="HTTP", TargetType="ip", VpcId=subnet["VpcId"])
    )
    values = {
        "function_name": "shop-dev-api",
        "function_role_arn": "arn:aws:iam::123456789012:role/shop-dev-api",
        "function_log_group": "/shop-dev/api",
        "service_subnet_ids": [subnet["SubnetId"]],
        "app_target_group_arn": group["TargetGroups"][0]["TargetGroupArn"],
    }
    return PLATFORM.model_copy(update=values)


def preflight(platform: Platform, shelf: Shelf | None = None) -> Preflight:
    registry = shelf or Api()
    return Preflight(aws(), platform, lambda _host: registry)


def findings(platform: Platform, release: Release, shelf: Shelf | None = None) -> list[str]:
    return [str(finding) for finding in preflight(platform, shelf).findings(release)]


def test_what_is_complete_passes(platform: Platform, release: Release) -> None:
    assert findings(platform, release) == []
    preflight(platform).require(release)


def test_all_that_is_missing_is_told_at_once(platform: Platform, release: Release) -> None:
    aws().client("iam").delete_role(RoleName="shop-dev-task")
    aws().client("logs").delete_log_group(logGroupName="/shop-dev/api")
    shelf = Api()
    shelf.gone.add("static")
    platform = platform.model_copy(
        update={
            "service_subnet_ids": ("subnet-0123456789abcdef0",),
            "app_target_group_arn": platform.app_target_group_arn + "x",
        }
    )
    lines = "\n".join(findings(platform, release, shelf))
    for what in (
        "task role",
        "log group /shop-dev/api",
        "image static",
        "subnet-0123456789abcdef0",
        "target group",
    ):
        assert what in lines
    with pytest.raises(TandemError, match="checks failed") as caught:
        preflight(platform, shelf).require(release)
    assert "`make apply ENV=dev` makes it again" in caught.value.message


def test_a_single_finding_is_one_check(platform: Platform, release: Release) -> None:
    aws().client("logs").delete_log_group(logGroupName="/shop-dev/api")
    with pytest.raises(TandemError, match=r"cannot be applied, 1 check failed:\n"):
        preflight(platform, Api()).require(release)


def test_no_command_builds_the_images_of_an_old_release_again(platform: Platform, release: Release) -> None:
    shelf = Api()
    shelf.gone.add("static")
    (of_rollback,) = findings(platform, release, shelf)
    assert "`tandem release` builds it again" not in of_rollback
    assert "`tandem gc` deletes the images of old releases" in of_rollback
    of_release = preflight(platform, shelf).findings(release, SETTINGS)
    assert "`tandem release` builds it again" in "\n".join(map(str, of_release))


def test_a_role_that_trusts_another_service_is_found(platform: Platform, release: Release) -> None:
    aws().client("iam").update_assume_role_policy(
        RoleName="shop-dev-api", PolicyDocument=trust("ec2.amazonaws.com")
    )
    (finding,) = findings(platform, release)
    assert finding.startswith("function role: shop-dev-api does not trust lambda.amazonaws.com; let")


def test_a_missing_role_of_the_apis_tasks_is_found(platform: Platform, release: Release) -> None:
    arn = "arn:aws:iam::123456789012:role/shop-dev-api-task"
    (finding,) = findings(platform.model_copy(update={"api_task_role_arn": arn}), release)
    assert finding == f"API's task role: {arn} does not exist; `make apply ENV=…` makes it again"


def test_a_load_balancer_that_is_not_what_tandem_toml_says_is_found(
    platform: Platform, release: Release
) -> None:
    """tandem.toml was changed, and the platform not applied: its health checks would fail every task."""
    elb, group = aws().client("elbv2"), platform.app_target_group_arn
    elb.modify_target_group(TargetGroupArn=group, HealthCheckPath="/old")
    balancer = elb.create_load_balancer(Name="alb", Subnets=list(platform.service_subnet_ids))
    listener = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )["Listeners"][0]["ListenerArn"]
    elb.create_rule(
        ListenerArn=listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/v1"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    platform = platform.model_copy(update={"listener_arn": listener})
    assert [str(finding) for finding in preflight(platform).findings(release, SETTINGS)] == [
        "listener: sends /v1 to the API, tandem.toml says /api; tandem apply --env dev",
        "target group: asks /old, tandem.toml says /healthz; tandem apply --env dev",
    ]
    assert findings(platform, release) == [], "a rollback is possible whatever is in tandem.toml"


def test_a_target_group_for_another_port_is_found(platform: Platform) -> None:
    release = make_release()
    release.task_definition["containerDefinitions"][0]["portMappings"][0]["containerPort"] = 9090
    assert any("sends to port 8080, the task listens on 9090" in line for line in findings(platform, release))


def test_the_way_back_to_another_port_is_no_apply_alone(platform: Platform) -> None:
    """It would change the load balancer, and then release the heads, which do not listen there."""
    old = make_release()
    old.task_definition["containerDefinitions"][0]["portMappings"][0]["containerPort"] = 9090
    (of_rollback,) = [line for line in findings(platform, old) if "listens on 9090" in line]
    assert "set task.port back, push the app's older commit again, and `tandem apply`" in of_rollback
    of_release = map(str, preflight(platform, Api()).findings(old, SETTINGS))
    assert [line for line in of_release if "listens on 9090; `tandem apply`, if task.port" in line]


def test_secrets_and_their_keys_are_found_missing(platform: Platform, release: Release) -> None:
    arn = aws().client("secretsmanager").create_secret(Name="db", SecretString='{"user": "x"}')["ARN"]
    plain = aws().client("secretsmanager").create_secret(Name="plain", SecretString="x")["ARN"]
    secrets = {
        "GOOD": f"{arn}:user::",
        "NO_KEY": f"{arn}:password::",
        "NO_JSON": f"{plain}:user::",
        "NOBODY": "arn:aws:ssm:eu-central-1:123456789012:parameter/nobody",
    }
    api = replace(release.api, secrets=secrets)
    lines = findings(platform, replace(release, api=api))
    assert [line.partition(":")[0] for line in lines] == ["secret NOBODY", "secret NO_JSON", "secret NO_KEY"]


def test_the_api_as_tasks_is_looked_at_instead_of_a_function(platform: Platform, release: Release) -> None:
    vpc = aws().client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    group = (
        aws()
        .client("elbv2")
        .create_target_group(Name="api", Port=8000, Protocol="HTTP", TargetType="ip", VpcId=vpc)[
            "TargetGroups"
        ][0]["TargetGroupArn"]
    )
    values = {
        "api_target_group_arns": {"fargate": group},
        "api_log_group": "/shop-dev/api",
        "api_port": 8000,
    }
    on_tasks = platform.model_copy(update=values)
    shelf = Api()
    shelf.configs["api"]["config"] = {"Cmd": ["x"], "Volumes": {"/tmp": {}}}  # noqa: S108 - a path in a container
    assert findings(on_tasks, release, shelf) == []
    shelf.configs["api"]["config"]["Volumes"] = {}
    lines = findings(
        on_tasks.model_copy(update={"api_port": 9000, "api_log_group": "/shop-dev/gone"}), release, shelf
    )
    assert len(lines) == 3
    for what in (
        "VOLUME is none, not /tmp",
        "sends to port 8000, the task listens on 9000",
        "/shop-dev/gone",
    ):
        assert any(what in line for line in lines)


@pytest.mark.slow
def test_a_certificate_that_is_not_issued_is_found(
    platform: Platform, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moto.settings.ACM_VALIDATION_WAIT", 60)  # the local AWS issues at once
    arn = (
        aws()
        .client("acm")
        .request_certificate(DomainName="shop.example", ValidationMethod="DNS")["CertificateArn"]
    )
    elb, ec2 = aws().client("elbv2"), aws().client("ec2")
    subnets = [item["SubnetId"] for item in ec2.describe_subnets()["Subnets"][:2]]
    balancer = elb.create_load_balancer(Name="b", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.create_listener(
        LoadBalancerArn=balancer,
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": platform.app_target_group_arn}],
    )
    platform = platform.model_copy(update={"listener_arn": listener["Listeners"][0]["ListenerArn"]})
    assert any("is PENDING_VALIDATION" in line for line in findings(platform, release))


def test_a_check_that_cannot_be_made_is_a_finding_itself(
    platform: Platform, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(**_: object) -> None:
        raise TandemError("this identity lacks the permission iam:GetRole")

    monkeypatch.setattr(aws().client("iam"), "get_role", denied)
    assert findings(platform, release) == [
        "roles: could not be checked: this identity lacks the permission iam:GetRole; tandem doctor"
    ]
