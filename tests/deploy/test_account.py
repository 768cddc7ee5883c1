"""What an account lacks is found before the platform is made, with the command that gets it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.stub import Stubber

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, Settings
from pipeline.deploy import account
from pipeline.deploy.account import Demand, account_checks, platform_demands, release_demands, service_roles
from tests.support.aws_access import aws
from tests.support.example_releases import SETTINGS

VALUES: dict[str, Any] = {
    "existing_network": None,
    "nat": "none",
    "zones": 2,
    "api_runtime": "lambda",
    "api_split": None,
    "database_proxy": None,
    "create_repositories": True,
    "repositories_per_environment": False,
    "autoscaling": None,
    "api_autoscaling": None,
    "api_count": 2,
    "api_cpu": 256,
    "maximum_percent": 200,
    "spot_share": 0,
}
VPCS, LAMBDA, FARGATE, SPOT = "L-F678F1CE", "L-B99A9384", "L-3032A538", "L-36FBB829"


def settings(**api: Any) -> Settings:
    return SETTINGS.model_copy(update={"api": SETTINGS.api.model_copy(update=api)})


def amounts(demands: Iterator[Demand]) -> dict[str, int]:
    return {demand.code: demand.amount for demand in demands}


def test_a_network_of_its_own_needs_a_vpc_and_its_gateways() -> None:
    needs = amounts(platform_demands({**VALUES, "nat": "per_zone", "zones": 3}))
    assert needs == {
        VPCS: 1,
        "L-A4707A72": 1,
        "L-0263D0A3": 3,
        "L-FE5A380F": 1,
        "L-53DA6B97": 1,
        "L-B22855CB": 2,
    }


def test_an_existing_network_needs_none() -> None:
    both = {**VALUES, "existing_network": {"vpc_id": "vpc-1"}, "api_split": {"lambda": 90, "fargate": 10}}
    assert amounts(platform_demands(both)) == {"L-53DA6B97": 1, "L-B22855CB": 3}


def test_a_rollout_needs_twice_the_processors_of_the_most_tasks() -> None:
    values = {**VALUES, "autoscaling": {"maximum": 10}, "api_runtime": "fargate", "api_count": 3}
    assert amounts(release_demands(values, SETTINGS, is_made=True)) == {FARGATE: 7}, (
        "13 tasks of a quarter, twice"
    )


def test_spot_has_a_quota_of_its_own() -> None:
    needs = amounts(
        release_demands({**VALUES, "spot_share": 100, "api_runtime": "fargate"}, SETTINGS, is_made=True)
    )
    assert needs == {SPOT: 2}


@pytest.mark.parametrize(("reserved", "need"), [(0, None), (10, 110)])
def test_a_reservation_needs_what_lambda_keeps_free(reserved: int, need: int | None) -> None:
    needs = release_demands(VALUES, settings(reserved_concurrency=reserved), is_made=False)
    assert amounts(needs).get(LAMBDA) == need


def test_roles_are_those_that_both_roots_need() -> None:
    more = {**VALUES, "autoscaling": {"maximum": 3}, "database_proxy": {"engine": "mysql"}}
    assert set(service_roles(VALUES)) == {"AWSServiceRoleForECS", "AWSServiceRoleForElasticLoadBalancing"}
    assert len(service_roles(more)) == 4


@pytest.fixture
def session(mocked_aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ARG001 - moto
    monkeypatch.setattr(account, "_values", lambda _: VALUES)
    project = Project(tmp_path, settings(reserved_concurrency=10))
    return SimpleNamespace(aws=aws(), project=project, environment="prod", is_local=False)


def check(session: Any, name: str) -> str:
    return account_checks(session, is_made=False)[name]()


def test_a_quota_that_is_used_up_is_named_with_its_request(session: Any) -> None:
    """moto knows the quotas of VPC: 5 VPCs, of which the account has one."""
    assert check(session, f"quota vpc {VPCS}") == "VPCs per Region: 1 needed, 1 of 5 in use"
    for number in range(4):
        aws().client("ec2").create_vpc(CidrBlock=f"10.{number}.0.0/16")
    with pytest.raises(TandemError, match="1 needed, 5 of 5 in use") as lack:
        check(session, f"quota vpc {VPCS}")
    assert lack.value.hint == (
        "aws service-quotas request-service-quota-increase --service-code vpc"
        f" --quota-code {VPCS} --desired-value 6"
    )


def quota(code: str, value: float, **more: Any) -> dict[str, Any]:
    return {"Quota": {"QuotaCode": code, "QuotaName": "A quota", "Value": value, **more}}


def test_the_default_counts_where_the_account_has_no_value_of_its_own(session: Any) -> None:
    asked = {"ServiceCode": "lambda", "QuotaCode": LAMBDA}
    with Stubber(aws().client("service-quotas")) as stub:
        stub.add_client_error("get_service_quota", "NoSuchResourceException", expected_params=asked)
        stub.add_response("get_aws_default_service_quota", quota(LAMBDA, 1000), asked)
        assert check(session, f"quota lambda {LAMBDA}") == "A quota: 110 needed, 0 of 1000 in use"
    with Stubber(aws().client("service-quotas")) as stub:
        stub.add_response("get_service_quota", quota(LAMBDA, 10), asked)
        with pytest.raises(TandemError, match="110 needed, 0 of 10 in use") as lack:
            check(session, f"quota lambda {LAMBDA}")
    assert "--service-code lambda --quota-code L-B99A9384 --desired-value 110" in lack.value.hint


def test_use_is_read_from_the_quotas_own_metric(session: Any) -> None:
    dimensions = {"Service": "Fargate", "Resource": "vCPU", "Type": "Resource", "Class": "Standard/OnDemand"}
    aws().client("cloudwatch").put_metric_data(
        Namespace="AWS/Usage",
        MetricData=[
            {
                "MetricName": "ResourceCount",
                "Value": 5.0,
                "Timestamp": datetime.now(UTC) - timedelta(minutes=10),
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            }
        ],
    )
    metric = {"MetricNamespace": "AWS/Usage", "MetricName": "ResourceCount", "MetricDimensions": dimensions}
    with Stubber(aws().client("service-quotas")) as stub:
        stub.add_response("get_service_quota", quota(FARGATE, 6, UsageMetric=metric))
        assert check(session, f"quota fargate {FARGATE}") == "A quota: 1 needed, 5 of 6 in use"


def test_who_may_not_read_quotas_is_told_so_and_nothing_is_bad(session: Any) -> None:
    with Stubber(aws().client("service-quotas")) as stub:
        stub.add_client_error("get_service_quota", "AccessDeniedException", http_status_code=400)
        assert check(session, f"quota lambda {LAMBDA}").startswith("not checked: ")


def test_a_missing_role_comes_with_the_command_that_makes_it(session: Any) -> None:
    with pytest.raises(TandemError, match="does not exist") as lack:
        check(session, "role AWSServiceRoleForECS")
    assert lack.value.hint == "aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com"
    aws().client("iam").create_role(RoleName="AWSServiceRoleForECS", AssumeRolePolicyDocument="{}")
    assert check(session, "role AWSServiceRoleForECS") == "exists"


@pytest.mark.parametrize(
    ("tags", "problem"),
    [
        ({"Environment": "dev"}, "shop/app belongs to the environment dev"),
        ({}, "shop/app belongs to somebody else"),
        ({"Environment": "prod"}, ""),
    ],
)
def test_repositories_of_another_environment_are_named(
    session: Any, tags: dict[str, str], problem: str
) -> None:
    session.project = Project(
        session.project.root, session.project.settings.model_copy(update={"name": "shop"})
    )
    aws().client("ecr").create_repository(
        repositoryName="shop/app", tags=[{"Key": key, "Value": value} for key, value in tags.items()]
    )
    if not problem:
        assert check(session, "repositories") == "shop/app and the others are free"
        return
    with pytest.raises(TandemError, match=problem) as clash:
        check(session, "repositories")
    assert "repositories_per_environment = true in terraform/envs/prod.tfvars" in clash.value.hint


def test_the_eleventh_environment_of_a_region_finds_no_log_policy(session: Any) -> None:
    logs = aws().client("logs")
    for number in range(10):
        if number == 9:
            assert check(session, "log policies") == "9 of 10 are in use"
        logs.put_resource_policy(policyName=f"shop-{number}-task-stopped", policyDocument="{}")
    with pytest.raises(TandemError, match="10 of 10 resource policies of CloudWatch Logs are in use") as full:
        check(session, "log policies")
    assert "aws logs delete-resource-policy" in full.value.hint
    logs.delete_resource_policy(policyName="shop-0-task-stopped")
    own = f"{session.project.settings.name}-{session.environment}-task-stopped"
    logs.put_resource_policy(policyName=own, policyDocument="{}")  # of an apply that was interrupted
    assert check(session, "log policies") == "9 of 10 are in use"


def test_a_made_platform_needs_room_for_its_releases_only(session: Any) -> None:
    names = set(account_checks(session, is_made=True))
    assert names == {f"quota fargate {FARGATE}", f"quota lambda {LAMBDA}"}


def test_the_local_aws_has_no_quotas(session: Any) -> None:
    session.is_local = True
    assert account_checks(session, is_made=False) == {}


@pytest.mark.terraform
def test_the_demands_of_prod_are_read_from_its_tfvars() -> None:
    session: Any = SimpleNamespace(project=Project(ROOT, SETTINGS), environment="prod")
    values = account._values(session)
    assert (values["nat"], values["autoscaling"]["maximum"], values["create_repositories"]) == (
        "per_zone",
        10,
        True,
    )
