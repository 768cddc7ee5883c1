"""Both roots, applied for real to the local control plane: the plan is empty after, destroy leaves nothing.

One account, changed step by step: a load balancer costs the provider a minute each time it is made. The steps
between them switch on and off every variable that the local control plane can carry, in pairs that meet.
"""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pipeline import infra
from tests.terraform.conftest import Account

pytestmark = [pytest.mark.terraform, pytest.mark.applied]

SCALING = {
    "minimum": 2,
    "maximum": 4,
    "cpu": 60,
    "requests": 100,
    "schedule": {"night": {"cron": "cron(0 22 * * ? *)", "minimum": 1, "maximum": 2}},
}
ALIAS = {"FunctionName": "tandem-local-api", "Name": "live"}


def applied(root: infra.Terraform) -> dict[str, Any]:
    """Apply, see that nothing is left to do, and give the outputs."""
    root.apply()
    after = root.plan()
    assert not after.changes, after.text
    return root.output()


def client(name: str) -> Any:
    return boto3.Session().client(name)


def alias() -> dict[str, Any]:
    found = client("lambda").get_alias(**ALIAS)
    return {
        found["FunctionVersion"]: None,
        **found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}),
    }


def test_an_empty_account_becomes_a_platform(account: Account) -> None:
    found = applied(account.platform())
    assert found["repository_urls"]["app"] == "127.0.0.1:5000/tandem/app"
    assert found["https"] is False


def test_a_release_runs_under_its_own_role(account: Account, release_role: boto3.Session) -> None:
    first = applied(account.release(1, "a"))
    assert first["function_version"] == "1"
    applied(account.release(2, "b", {"stable_version": "1", "canary_percent": 10}))
    assert alias() == {"1": None, "2": 0.1}
    won = applied(account.release(2, "b", {"stable_version": "1", "canary_percent": 100}))
    assert alias() == {"2": None}
    assert won["task_definition_arn"].endswith(":2")
    assert release_role.client("sts").get_caller_identity()["Account"] == "123456789012"


DENIED = [
    ("ec2", "delete_vpc", {"VpcId": "vpc-1"}),
    ("secretsmanager", "get_secret_value", {"SecretId": "another"}),
    ("iam", "create_role", {"RoleName": "x", "AssumeRolePolicyDocument": "{}"}),
    (
        "iam",
        "put_role_policy",
        {"RoleName": "tandem-local-release", "PolicyName": "x", "PolicyDocument": "{}"},
    ),
    ("ecs", "update_service", {"cluster": "tandem-local", "service": "another", "desiredCount": 0}),
    ("lambda", "delete_function", {"FunctionName": "another"}),
    (
        "lambda",
        "update_function_configuration",
        {"FunctionName": "tandem-local-api", "Role": "arn:aws:iam::123456789012:role/admin"},
    ),
    ("elbv2", "delete_load_balancer", {"LoadBalancerArn": "arn:aws:elasticloadbalancing:::loadbalancer/x"}),
    (
        "s3",
        "put_object",
        {"Bucket": "tandem-local-state-123456789012", "Key": "platform.tfstate", "Body": b""},
    ),
    ("dynamodb", "delete_table", {"TableName": "tandem-local-records"}),
]


@pytest.mark.parametrize(("service", "call", "arguments"), DENIED, ids=lambda value: str(value)[:30])
def test_the_release_role_can_do_nothing_else(
    release_role: boto3.Session, service: str, call: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(release_role.client(service), call)(**arguments)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_the_release_role_passes_no_other_role(release_role: boto3.Session) -> None:
    containers = [{"name": "a", "image": "b", "memory": 64}]
    with pytest.raises(ClientError, match="iam:PassRole"):
        release_role.client("ecs").register_task_definition(
            family="tandem-local",
            taskRoleArn="arn:aws:iam::123456789012:role/admin",
            containerDefinitions=containers,
        )


def test_autoscaling_takes_a_running_service_over_and_gives_it_back(account: Account) -> None:
    made = client("ecs").describe_services(cluster="tandem-local", services=["tandem-local"])["services"][0]
    applied(account.release(3, "b", autoscaling=SCALING, spot_share=30, api_warmth="ping"))
    applied(
        account.release(
            3, "b", deployment_alarms=True, api_warmth="provisioned", api_provisioned_concurrency=2
        )
    )
    kept = client("ecs").describe_services(cluster="tandem-local", services=["tandem-local"])["services"][0]
    assert kept["createdAt"] == made["createdAt"] if "createdAt" in made else kept["status"] == "ACTIVE"
    assert kept["deploymentConfiguration"]["alarms"]["enable"] is True


def test_https_waf_logs_and_a_function_in_the_vpc(account: Account) -> None:
    certificate = client("acm").request_certificate(DomainName="www.example.org")["CertificateArn"]
    found = applied(
        account.platform(
            certificate_arn=certificate,
            waf={},
            nat="single",
            endpoints=True,
            flow_logs=7,
            stickiness=60,
            api_vpc=True,
            container_insights="enhanced",
            alarm_emails=["team@example.org"],
        )
    )
    assert found["https"] is True
    applied(account.release(4, "c", api_tracing=False, spot_share=100))


def test_the_api_moves_to_fargate_and_http_comes_back(account: Account) -> None:
    applied(account.platform(api_split={"lambda": 90, "fargate": 10}, container_insights="disabled"))
    both = applied(account.release(5, "c"))
    assert (both["function_name"], both["api_service_name"]) == ("tandem-local-api", "tandem-local-api")


def test_destroy_leaves_nothing(account: Account) -> None:
    account.release(5, "c").destroy()
    account.platform(api_split={"lambda": 90, "fargate": 10}, container_insights="disabled").destroy()
    left = {
        "vpc": [vpc for vpc in client("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]],
        "balancer": client("elbv2").describe_load_balancers()["LoadBalancers"],
        "target": client("elbv2").describe_target_groups()["TargetGroups"],
        "function": client("lambda").list_functions()["Functions"],
        "role": client("iam").list_roles()["Roles"],
        "table": client("dynamodb").list_tables()["TableNames"],
        "log": client("logs").describe_log_groups()["logGroups"],
        "repository": client("ecr").describe_repositories()["repositories"],
        "alarm": client("cloudwatch").describe_alarms()["MetricAlarms"],
        "topic": client("sns").list_topics()["Topics"],
        "rule": client("events").list_rules()["Rules"],
        "bucket": [
            bucket["Name"]
            for bucket in client("s3").list_buckets()["Buckets"]
            if "-state-" not in bucket["Name"]
        ],
    }
    assert {kind: found for kind, found in left.items() if found} == {}
