"""What an API call asks for in IAM's words: action, resources, and the roles that it hands on."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from pipeline.local.moto.iam_policy import Request

Params = Mapping[str, Any]
_TASKS = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
_FUNCTIONS = {"iam:PassedToService": "lambda.amazonaws.com"}
# Where IAM's name is not the API's.
_NAMES = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "lambda:GetFunctionConfiguration": "lambda:GetFunctionConfiguration",
}
_PREFIXES = {"monitoring": "cloudwatch"}
_IN_A_CLUSTER = ("CreateService", "UpdateService", "DeleteService", "ListTasks", "DescribeTasks")
_NO_RESOURCE = (
    *("RegisterTaskDefinition", "DescribeTaskDefinition", "ListTaskDefinitions", "DescribeScalableTargets"),
    *("DescribeScalingPolicies", "DescribeScheduledActions", "DescribeParameters"),
)


def asked(service: str, action: str, path: str, params: Params, where: str) -> list[Request]:
    """The requests that one call makes; all have to be allowed. `where` is `<region>:<account>`."""
    prefix = _PREFIXES.get(service, service)
    name = _NAMES.get(f"{prefix}:{action}", f"{prefix}:{action}")
    finder = _FINDERS.get(service)
    found = [] if action in _NO_RESOURCE or finder is None else finder(action, path, params, where)
    context = _context(service, action, params, where)
    return [Request(name, resource, context) for resource in found or ["*"]] + _passed(action, params)


def s3(method: str, action: str, bucket: str | None, key: str | None) -> Request:
    """S3's calls by method: its permissions are fewer than its calls."""
    if key:
        words = {"GET": "GetObject", "HEAD": "GetObject", "DELETE": "DeleteObject"}
        return Request(f"s3:{words.get(method, 'PutObject')}", f"arn:aws:s3:::{bucket}/{key}")
    listed = action in {"ListObjects", "ListObjectsV2", "HeadBucket"} or method == "HEAD"
    return Request("s3:ListBucket" if listed else f"s3:{action}", f"arn:aws:s3:::{bucket}" if bucket else "*")


def _passed(action: str, params: Params) -> list[Request]:
    if action == "RegisterTaskDefinition":
        roles = [params.get(key) for key in ("executionRoleArn", "taskRoleArn")]
        return [Request("iam:PassRole", str(role), _TASKS) for role in roles if role]
    if action in {"CreateFunction", "UpdateFunctionConfiguration"} and params.get("Role"):
        return [Request("iam:PassRole", str(params["Role"]), _FUNCTIONS)]
    return []


def _context(service: str, action: str, params: Params, where: str) -> dict[str, str]:
    """The condition keys that AWS gives the action: no more, or a policy would pass here and nowhere else."""
    context = {}
    if service == "ecs" and action in _IN_A_CLUSTER:
        context["ecs:cluster"] = _cluster(params, where)
    if service == "ecs" and action in {"RegisterTaskDefinition", "CreateService"}:
        context |= {f"aws:RequestTag/{tag['key']}": tag["value"] for tag in params.get("tags") or ()}
    if service == "application-autoscaling" and params.get("ServiceNamespace"):
        context["application-autoscaling:service-namespace"] = str(params["ServiceNamespace"])
    return context


def _cluster(params: Params, where: str) -> str:
    named = params.get("cluster") or (params.get("clusters") or ["default"])[0]
    return str(named) if str(named).startswith("arn:") else f"arn:aws:ecs:{where}:cluster/{named}"


def _ecs(action: str, _: str, params: Params, where: str) -> list[str]:
    if "resourceArn" in params:
        return [params["resourceArn"]]
    if action == "DescribeClusters":
        return [_cluster(params, where)]
    names = params.get("services") or [params.get("service") or params.get("serviceName")]
    cluster = _cluster(params, where).rsplit("/", 1)[-1]
    return [
        name if name.startswith("arn:") else f"arn:aws:ecs:{where}:service/{cluster}/{name}"
        for name in names
        if name
    ]


def _lambda(_: str, path: str, params: Params, where: str) -> list[str]:
    if "/functions/" in path:
        named = unquote(path.split("/functions/", 1)[1].split("/", 1)[0])
    elif "/tags/" in path:
        named = unquote(path.split("/tags/", 1)[1])
    else:
        named = str(params.get("FunctionName", ""))
    name = named.rpartition(":function:")[2]
    return [f"arn:aws:lambda:{where}:function:{name}"] if name else []


def _by(key: str, arn: str = "{}") -> Callable[[str, str, Params, str], list[str]]:
    """The resource is named by one parameter: by its ARN, or by a name that `arn` takes."""

    def found(action: str, _path: str, params: Params, where: str) -> list[str]:
        value = params.get(key)
        if not value or (action.startswith("Describe") and key == "TargetGroupArn"):
            return []
        text = str(value[0] if isinstance(value, list) else value)
        return [text if text.startswith("arn:") else arn.format(text, where=where)]

    return found


def _rule(action: str, path: str, params: Params, where: str) -> list[str]:
    key = next((key for key in ("ResourceARN", "Rule", "Name") if key in params), "Name")
    return _by(key, "arn:aws:events:{where}:rule/{}")(action, path, params, where)


def _dashboards(_: str, _path: str, params: Params, _where: str) -> list[str]:
    # One, a list, or a query's `DashboardNames.member.1` and so on.
    given = [value for key, value in params.items() if key.startswith("DashboardName")]
    names = [name for value in given for name in (value if isinstance(value, list) else [value])]
    return [f"arn:aws:cloudwatch::123456789012:dashboard/{name}" for name in names]


def _stream(action: str, _path: str, params: Params, where: str) -> list[str]:
    group, stream = params.get("logGroupName"), params.get("logStreamName")
    if not group or action == "DescribeLogGroups":
        return []
    return [f"arn:aws:logs:{where}:log-group:{group}" + (f":log-stream:{stream}" if stream else "")]


def _scalable_target(_: str, _path: str, params: Params, where: str) -> list[str]:
    """A target's ARN holds an id that no call names but those for tags."""
    return [str(params.get("ResourceARN") or f"arn:aws:application-autoscaling:{where}:scalable-target/1")]


_FINDERS: dict[str, Callable[[str, str, Params, str], list[str]]] = {
    "ecs": _ecs,
    "lambda": _lambda,
    "elasticloadbalancing": _by("TargetGroupArn"),
    "dynamodb": _by("TableName", "arn:aws:dynamodb:{where}:table/{}"),
    "acm": _by("CertificateArn"),
    "logs": _stream,
    "secretsmanager": _by("SecretId", "arn:aws:secretsmanager:{where}:secret:{}"),
    "ssm": _by("Name", "arn:aws:ssm:{where}:parameter/{}"),
    "iam": _by("RoleName", "arn:aws:iam::123456789012:role/{}"),
    "ec2": _by("VpcId", "arn:aws:ec2:{where}:vpc/{}"),
    "events": _rule,
    "monitoring": _dashboards,
    "application-autoscaling": _scalable_target,
    "ecr": _by("repositoryName", "arn:aws:ecr:{where}:repository/{}"),
}
