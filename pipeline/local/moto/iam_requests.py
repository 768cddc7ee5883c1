"""Translate an API call into IAM requests: its action, its resources, and the roles that it passes."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from moto.utilities.utils import get_partition

from pipeline.local.moto.iam_policy import IamRequest

Params = Mapping[str, Any]
_TASKS = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
_FUNCTIONS = {"iam:PassedToService": "lambda.amazonaws.com"}
# API names that differ from IAM's.
_NAMES = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "lambda:GetFunctionConfiguration": "lambda:GetFunctionConfiguration",
}
_PREFIXES = {"monitoring": "cloudwatch"}
_GLOBAL = {"iam"}
_IN_A_CLUSTER = (
    *("CreateService", "UpdateService", "DeleteService", "ListTasks", "DescribeTasks"),
    *("RunTask", "StopTask", "ExecuteCommand"),
)
_NO_RESOURCE = (
    *("RegisterTaskDefinition", "DescribeTaskDefinition", "ListTaskDefinitions", "DescribeScalableTargets"),
    *("DescribeScalingPolicies", "DescribeScheduledActions", "DescribeParameters"),
)


def requests_of(service: str, action: str, path: str, params: Params, scope: str) -> list[IamRequest]:
    """The IAM requests of one API call, which must all be allowed; `scope` is `<region>:<account>`."""
    prefix = _PREFIXES.get(service, service)
    name = _NAMES.get(f"{prefix}:{action}", f"{prefix}:{action}")
    finder = _FINDERS.get(service)
    resources = [] if action in _NO_RESOURCE or finder is None else finder(action, path, params, scope)
    context = _context(service, action, params, scope)
    requests = [IamRequest(name, resource, context) for resource in resources or ["*"]]
    return requests + _passed_roles(action, params)


def s3_request(method: str, action: str, bucket_arn: str, key: str | None, prefix: str = "") -> IamRequest:
    """The IAM request of an S3 call, by its HTTP method: S3 has fewer permissions than calls.

    `bucket_arn` is empty for calls to no bucket; `prefix` is that of the keys to list.
    """
    if key:
        actions = {"GET": "GetObject", "HEAD": "GetObject", "DELETE": "DeleteObject"}
        return IamRequest(f"s3:{actions.get(method, 'PutObject')}", f"{bucket_arn}/{key}")
    if action in {"ListBucket", "HeadBucket"} or method == "HEAD":
        return IamRequest("s3:ListBucket", bucket_arn, {"s3:prefix": prefix} if prefix else {})
    return IamRequest(f"s3:{action}", bucket_arn or "*")


def _passed_roles(action: str, params: Params) -> list[IamRequest]:
    if action == "RegisterTaskDefinition":
        roles = [params.get(key) for key in ("executionRoleArn", "taskRoleArn")]
        return [IamRequest("iam:PassRole", str(role), _TASKS) for role in roles if role]
    if action in {"CreateFunction", "UpdateFunctionConfiguration"} and params.get("Role"):
        return [IamRequest("iam:PassRole", str(params["Role"]), _FUNCTIONS)]
    return []


def _context(service: str, action: str, params: Params, scope: str) -> dict[str, str]:
    """The condition keys that AWS sets for the action; further ones would allow here what AWS denies."""
    context = {}
    if service == "ecs" and action in _IN_A_CLUSTER:
        context["ecs:cluster"] = _cluster(params, scope)
    if service == "ecs" and action in {"RegisterTaskDefinition", "CreateService"}:
        context |= {f"aws:RequestTag/{tag['key']}": tag["value"] for tag in params.get("tags") or ()}
    if service == "application-autoscaling" and params.get("ServiceNamespace"):
        context["application-autoscaling:service-namespace"] = str(params["ServiceNamespace"])
    if service == "lambda" and params.get("Principal"):
        context["lambda:Principal"] = str(params["Principal"])
    return context


def _cluster(params: Params, scope: str) -> str:
    cluster = str(params.get("cluster") or (params.get("clusters") or ["default"])[0])
    return cluster if cluster.startswith("arn:") else _arn("ecs", scope, f"cluster/{cluster}")


def _arn(service: str, scope: str, resource: str) -> str:
    """The resource's ARN, in the region's partition: China and GovCloud have their own."""
    return f"arn:{get_partition(scope.partition(':')[0])}:{service}:{scope}:{resource}"


def _global_arn(service: str, scope: str, resource: str) -> str:
    """The ARN of a resource that belongs to no region."""
    region, _, account = scope.partition(":")
    return f"arn:{get_partition(region)}:{service}::{account}:{resource}"


def _arn_of(name: str, prefix: str) -> str:
    return name if name.startswith("arn:") else f"{prefix}/{name}"


def _ecs(action: str, _: str, params: Params, scope: str) -> list[str]:
    if "resourceArn" in params:
        return [params["resourceArn"]]
    if action == "DescribeClusters":
        return [_cluster(params, scope)]
    if action == "RunTask":
        return [_arn_of(params["taskDefinition"], _arn("ecs", scope, "task-definition"))]
    if action in {"StopTask", "ExecuteCommand"}:
        cluster = _cluster(params, scope).rsplit("/", 1)[-1]
        return [_arn_of(params["task"], _arn("ecs", scope, f"task/{cluster}"))]
    names = params.get("services") or [params.get("service") or params.get("serviceName")]
    cluster = _cluster(params, scope).rsplit("/", 1)[-1]
    return [
        name if name.startswith("arn:") else _arn("ecs", scope, f"service/{cluster}/{name}")
        for name in names
        if name
    ]


def _lambda(_: str, path: str, params: Params, scope: str) -> list[str]:
    if "/functions/" in path:
        identifier = unquote(path.split("/functions/", 1)[1].split("/", 1)[0])
    elif "/tags/" in path:
        identifier = unquote(path.split("/tags/", 1)[1])
    else:
        identifier = str(params.get("FunctionName", ""))
    name = identifier.rpartition(":function:")[2]
    return [_arn("lambda", scope, f"function:{name}")] if name else []


def _by(key: str, service: str = "", resource: str = "{}") -> Callable[[str, str, Params, str], list[str]]:
    """A finder for calls with the resource in one parameter: its ARN, or a name to put into `resource`."""

    def find(action: str, _path: str, params: Params, scope: str) -> list[str]:
        value = params.get(key)
        if not value or (action.startswith("Describe") and key == "TargetGroupArn"):
            return []
        text = str(value[0] if isinstance(value, list) else value)
        if text.startswith("arn:") or not service:
            return [text]
        make = _global_arn if service in _GLOBAL else _arn
        return [make(service, scope, resource.format(text))]

    return find


def _rule(action: str, path: str, params: Params, scope: str) -> list[str]:
    key = next((key for key in ("ResourceARN", "Rule", "Name") if key in params), "Name")
    return _by(key, "events", "rule/{}")(action, path, params, scope)


def _dashboards(_: str, _path: str, params: Params, scope: str) -> list[str]:
    # One, a list, or a query's `DashboardNames.member.1` and so on.
    values = [value for key, value in params.items() if key.startswith("DashboardName")]
    names = [name for value in values for name in (value if isinstance(value, list) else [value])]
    return [_global_arn("cloudwatch", scope, f"dashboard/{name}") for name in names]


def _stream(action: str, _path: str, params: Params, scope: str) -> list[str]:
    group, stream = params.get("logGroupName"), params.get("logStreamName")
    if not group or action == "DescribeLogGroups":
        return []
    return [_arn("logs", scope, f"log-group:{group}") + (f":log-stream:{stream}" if stream else "")]


def _scalable_target(_: str, _path: str, params: Params, scope: str) -> list[str]:
    """A placeholder ARN: only calls for tags have the id of a scalable target."""
    return [str(params.get("ResourceARN") or _arn("application-autoscaling", scope, "scalable-target/1"))]


_FINDERS: dict[str, Callable[[str, str, Params, str], list[str]]] = {
    "ecs": _ecs,
    "lambda": _lambda,
    "elasticloadbalancing": _by("TargetGroupArn"),
    "dynamodb": _by("TableName", "dynamodb", "table/{}"),
    "acm": _by("CertificateArn"),
    "logs": _stream,
    "secretsmanager": _by("SecretId", "secretsmanager", "secret:{}"),
    "ssm": _by("Name", "ssm", "parameter/{}"),
    "iam": _by("RoleName", "iam", "role/{}"),
    "ec2": _by("VpcId", "ec2", "vpc/{}"),
    "events": _rule,
    "monitoring": _dashboards,
    "application-autoscaling": _scalable_target,
    "codebuild": _by("projectName", "codebuild", "project/{}"),
    "codepipeline": _by("name", "codepipeline", "{}"),
    "ecr": _by("repositoryName", "ecr", "repository/{}"),
}
