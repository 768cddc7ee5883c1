"""Translate an API call into IAM requests: its action, its resources, and the roles that it passes."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

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


def s3_request(method: str, action: str, bucket: str | None, key: str | None, prefix: str = "") -> IamRequest:
    """The IAM request of an S3 call, by its HTTP method: S3 has fewer permissions than calls.

    `prefix` is that of the keys to list.
    """
    if key:
        actions = {"GET": "GetObject", "HEAD": "GetObject", "DELETE": "DeleteObject"}
        return IamRequest(f"s3:{actions.get(method, 'PutObject')}", f"arn:aws:s3:::{bucket}/{key}")
    if action in {"ListBucket", "HeadBucket"} or method == "HEAD":
        return IamRequest("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": prefix} if prefix else {})
    return IamRequest(f"s3:{action}", f"arn:aws:s3:::{bucket}" if bucket else "*")


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
    return cluster if cluster.startswith("arn:") else f"arn:aws:ecs:{scope}:cluster/{cluster}"


def _arn_of(name: str, prefix: str) -> str:
    return name if name.startswith("arn:") else f"{prefix}/{name}"


def _ecs(action: str, _: str, params: Params, scope: str) -> list[str]:
    if "resourceArn" in params:
        return [params["resourceArn"]]
    if action == "DescribeClusters":
        return [_cluster(params, scope)]
    if action == "RunTask":
        return [_arn_of(params["taskDefinition"], f"arn:aws:ecs:{scope}:task-definition")]
    if action in {"StopTask", "ExecuteCommand"}:
        cluster = _cluster(params, scope).rsplit("/", 1)[-1]
        return [_arn_of(params["task"], f"arn:aws:ecs:{scope}:task/{cluster}")]
    names = params.get("services") or [params.get("service") or params.get("serviceName")]
    cluster = _cluster(params, scope).rsplit("/", 1)[-1]
    return [
        name if name.startswith("arn:") else f"arn:aws:ecs:{scope}:service/{cluster}/{name}"
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
    return [f"arn:aws:lambda:{scope}:function:{name}"] if name else []


def _by(key: str, arn: str = "{}") -> Callable[[str, str, Params, str], list[str]]:
    """A finder for calls with the resource in one parameter: as an ARN, or as a name to put into `arn`."""

    def find(action: str, _path: str, params: Params, scope: str) -> list[str]:
        value = params.get(key)
        if not value or (action.startswith("Describe") and key == "TargetGroupArn"):
            return []
        text = str(value[0] if isinstance(value, list) else value)
        return [text if text.startswith("arn:") else arn.format(text, scope=scope)]

    return find


def _rule(action: str, path: str, params: Params, scope: str) -> list[str]:
    key = next((key for key in ("ResourceARN", "Rule", "Name") if key in params), "Name")
    return _by(key, "arn:aws:events:{scope}:rule/{}")(action, path, params, scope)


def _dashboards(_: str, _path: str, params: Params, _scope: str) -> list[str]:
    # One, a list, or a query's `DashboardNames.member.1` and so on.
    values = [value for key, value in params.items() if key.startswith("DashboardName")]
    names = [name for value in values for name in (value if isinstance(value, list) else [value])]
    return [f"arn:aws:cloudwatch::123456789012:dashboard/{name}" for name in names]


def _stream(action: str, _path: str, params: Params, scope: str) -> list[str]:
    group, stream = params.get("logGroupName"), params.get("logStreamName")
    if not group or action == "DescribeLogGroups":
        return []
    return [f"arn:aws:logs:{scope}:log-group:{group}" + (f":log-stream:{stream}" if stream else "")]


def _scalable_target(_: str, _path: str, params: Params, scope: str) -> list[str]:
    """A placeholder ARN: only calls for tags have the id of a scalable target."""
    return [str(params.get("ResourceARN") or f"arn:aws:application-autoscaling:{scope}:scalable-target/1")]


_FINDERS: dict[str, Callable[[str, str, Params, str], list[str]]] = {
    "ecs": _ecs,
    "lambda": _lambda,
    "elasticloadbalancing": _by("TargetGroupArn"),
    "dynamodb": _by("TableName", "arn:aws:dynamodb:{scope}:table/{}"),
    "acm": _by("CertificateArn"),
    "logs": _stream,
    "secretsmanager": _by("SecretId", "arn:aws:secretsmanager:{scope}:secret:{}"),
    "ssm": _by("Name", "arn:aws:ssm:{scope}:parameter/{}"),
    "iam": _by("RoleName", "arn:aws:iam::123456789012:role/{}"),
    "ec2": _by("VpcId", "arn:aws:ec2:{scope}:vpc/{}"),
    "events": _rule,
    "monitoring": _dashboards,
    "application-autoscaling": _scalable_target,
    "ecr": _by("repositoryName", "arn:aws:ecr:{scope}:repository/{}"),
}
