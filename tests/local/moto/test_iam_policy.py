"""A statement allows what it names; a request has the resource and keys that AWS gives it."""

from typing import Any

import pytest

from pipeline.local.moto.iam_policy import IamRequest, allowed
from pipeline.local.moto.iam_requests import requests_of

REGION = "eu-central-1"


ACCOUNT = "123456789012"


ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"


TARGET = f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/1"


# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
@pytest.mark.parametrize(
    ("service", "action", "params", "resource", "context"),
    [
        ("ecs", "RegisterTaskDefinition", {"family": "a"}, "*", {}),
        ("ecs", "DescribeClusters", {"clusters": ["c"]}, f"{ECS}:cluster/c", {}),
        ("ecs", "ListTasks", {"cluster": "c"}, "*", {"ecs:cluster": f"{ECS}:cluster/c"}),
        (
            "lambda",
            "AddPermission",
            {"FunctionName": "api", "Principal": "events.amazonaws.com"},
            f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:api",
            {"lambda:Principal": "events.amazonaws.com"},
        ),
        ("application-autoscaling", "ListTagsForResource", {"ResourceARN": TARGET}, TARGET, {}),
        (
            "application-autoscaling",
            "PutScalingPolicy",
            {"ServiceNamespace": "ecs"},
            TARGET,
            {"application-autoscaling:service-namespace": "ecs"},
        ),
    ],
)
def test_a_request_has_the_resource_and_the_keys_that_aws_gives_it(
    service: str, action: str, params: dict[str, Any], resource: str, context: dict[str, str]
) -> None:
    requests = requests_of(service, action, "/", params, f"{REGION}:{ACCOUNT}")
    assert requests == [IamRequest(f"{service}:{action}", resource, context)]


@pytest.mark.parametrize(
    ("service", "params", "resource"),
    [
        ("ecs", {"cluster": "c", "services": ["s"]}, f"arn:aws-cn:ecs:cn-north-1:{ACCOUNT}:service/c/s"),
        ("lambda", {"FunctionName": "f"}, f"arn:aws-cn:lambda:cn-north-1:{ACCOUNT}:function:f"),
        ("monitoring", {"DashboardName": "d"}, f"arn:aws-cn:cloudwatch::{ACCOUNT}:dashboard/d"),
        ("iam", {"RoleName": "r"}, f"arn:aws-cn:iam::{ACCOUNT}:role/r"),
        ("events", {"Name": "r"}, f"arn:aws-cn:events:cn-north-1:{ACCOUNT}:rule/r"),
        ("logs", {"logGroupName": "g"}, f"arn:aws-cn:logs:cn-north-1:{ACCOUNT}:log-group:g"),
        ("ecr", {"repositoryName": "r"}, f"arn:aws-cn:ecr:cn-north-1:{ACCOUNT}:repository/r"),
    ],
)
def test_a_resource_is_named_in_its_regions_partition(
    service: str, params: dict[str, Any], resource: str
) -> None:
    (request,) = requests_of(service, "Delete", "/", params, f"cn-north-1:{ACCOUNT}")
    assert request.resource == resource


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Effect": "Allow", "Action": "S3:get*", "Resource": "arn:aws:s3:::a/*"}, True),
        ({"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"}, False),
        ({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]}, False),
        ({"Effect": "Deny", "Action": "*", "Resource": "*"}, False),
        (
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"k": "v"}}},
            False,
        ),
        ({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Novel": {"k": "v"}}}, False),
    ],
)
def test_a_statement_allows_what_it_names(statement: dict[str, Any], *, expected: bool) -> None:
    assert allowed([{"Statement": statement}], IamRequest("s3:GetObject", "arn:aws:s3:::a/b")) is expected


def test_a_denial_wins_over_a_permission() -> None:
    both = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
    ]
    assert not allowed([{"Statement": both}], IamRequest("s3:GetObject"))


def test_a_condition_of_an_unknown_kind_fails_whatever_its_value() -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Novel": {"k": ["v"]}}}
    request = IamRequest("s3:GetObject", "*", {"k": "v"})
    assert not allowed([{"Statement": statement}], request)
    assert allowed([{"Statement": {**statement, "Condition": {"StringEquals": {"k": ["v"]}}}}], request)
