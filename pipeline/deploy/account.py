"""What an account must have room for before a platform is made in it: quotas, roles, repository names."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pipeline.aws.client_errors import DeniedError, explain_errors
from pipeline.aws.quotas import LOG_POLICIES, has_service_linked_role, log_policies, read_quota, used
from pipeline.core.errors import TandemError
from pipeline.core.paths import TERRAFORM
from pipeline.core.platform import FUNCTION, TASKS
from pipeline.core.settings import Settings
from pipeline.terraform.environment_paths import environment_files
from pipeline.terraform.variable_values import variable_values

if TYPE_CHECKING:
    from pipeline.deploy.session import Session

_UNRESERVED = 100  # Lambda keeps that much of the account's concurrency without a reservation
_CPU = 1024  # ECS units of one vCPU
_PLATFORM = (
    *("existing_network", "nat", "zones", "api_runtime", "api_split", "database_proxy"),
    *("create_repositories", "repositories_per_environment"),
)
_RELEASE = (*("autoscaling", "api_autoscaling", "api_count", "api_cpu", "maximum_percent", "spot_share"),)
Check = Callable[[], str]
"""Returns what it sees; raises TandemError, with a hint, if that is not enough."""


@dataclass(frozen=True)
class Demand:
    """What an environment needs of one quota, by the codes of Service Quotas.

    `counted`: beside what is in use. Else it is the whole need, which is in use already.
    """

    service: str
    code: str
    amount: int
    counted: bool


def account_checks(session: "Session", *, is_made: bool) -> dict[str, Check]:
    """The checks by name; none locally. Once the platform is made, only what a release needs is checked.

    Raises:
        TandemError: the environment has no tfvars, or Terraform refuses them.
    """
    if session.is_local:
        return {}
    values = _values(session)
    settings = session.project.settings
    needs = list(release_demands(values, settings, is_made=is_made))
    needs += [] if is_made else platform_demands(values)
    checks = {f"quota {need.service} {need.code}": partial(_quota, session, need) for need in needs}
    if not is_made:
        for name, service in service_roles(values).items():
            checks[f"role {name}"] = partial(_role, session, name, service)
        checks["repositories"] = partial(_repositories, session, values)
        checks["log policies"] = partial(_log_policies, session)
    return {name: partial(_unless_denied, check) for name, check in checks.items()}


def _values(session: "Session") -> dict[str, Any]:
    """The variables of both roots, from tandem.toml, the tfvars and the defaults."""
    values: dict[str, Any] = {"api_enabled": session.project.settings.api.enabled}
    for root, names in (("platform", _PLATFORM), ("release", _RELEASE)):
        files = environment_files(session.project, session.environment, root)
        values |= variable_values(TERRAFORM / root, names, files)
    return values


def platform_demands(values: Mapping[str, Any]) -> Iterator[Demand]:
    """What the platform root creates. Names of the codes: `aws service-quotas list-service-quotas`."""
    if values["existing_network"] is None:
        yield Demand("vpc", "L-F678F1CE", 1, counted=True)
        yield Demand("vpc", "L-A4707A72", 1, counted=True)
    if values["nat"] != "none":
        yield Demand("ec2", "L-0263D0A3", values["zones"] if values["nat"] == "per_zone" else 1, counted=True)
        yield Demand("vpc", "L-FE5A380F", 1, counted=True)
    yield Demand("elasticloadbalancing", "L-53DA6B97", 1, counted=True)
    yield Demand("elasticloadbalancing", "L-B22855CB", 1 + len(runtimes(values)), counted=True)


def release_demands(values: Mapping[str, Any], settings: Settings, *, is_made: bool) -> Iterator[Demand]:
    """What tasks and function need at most: during a rollout old and new tasks run side by side."""
    tasks = _most_tasks(values["autoscaling"], settings.task.count) * settings.task.cpu
    if TASKS in runtimes(values):
        tasks += _most_tasks(values["api_autoscaling"], values["api_count"]) * values["api_cpu"]
    vcpus = tasks / _CPU * values["maximum_percent"] / 100
    for code, share in (("L-3032A538", 100 - values["spot_share"]), ("L-36FBB829", values["spot_share"])):
        if share and vcpus:
            yield Demand("fargate", code, math.ceil(vcpus * share / 100), counted=not is_made)
    reserved = settings.api.reserved_concurrency
    if FUNCTION in runtimes(values) and reserved:
        yield Demand("lambda", "L-B99A9384", reserved + _UNRESERVED, counted=False)


def runtimes(values: Mapping[str, Any]) -> set[str]:
    """The API's runtimes; none without an API."""
    if not values.get("api_enabled", True):
        return set()
    return set(values["api_split"] or {values["api_runtime"]: 100})


def service_roles(values: Mapping[str, Any]) -> dict[str, str]:
    """The service-linked roles that both roots need, with their services."""
    roles = {
        "AWSServiceRoleForECS": "ecs.amazonaws.com",
        "AWSServiceRoleForElasticLoadBalancing": "elasticloadbalancing.amazonaws.com",
    }
    if values["autoscaling"] or values["api_autoscaling"]:
        name = "AWSServiceRoleForApplicationAutoScaling_ECSService"
        roles[name] = "ecs.application-autoscaling.amazonaws.com"
    if values["database_proxy"]:
        roles["AWSServiceRoleForRDS"] = "rds.amazonaws.com"
    return roles


def _most_tasks(autoscaling: Mapping[str, Any] | None, count: int) -> int:
    return int(autoscaling["maximum"]) if autoscaling else count


def _quota(session: "Session", need: Demand) -> str:
    quota = read_quota(session.aws, need.service, need.code)
    in_use = used(session.aws, quota) if need.counted else 0
    usage = f"{quota.name}: {need.amount} needed, {in_use} of {quota.value:g} in use"
    if in_use + need.amount > quota.value:
        raise TandemError(usage, hint=quota.request(in_use + need.amount))
    return usage


def _role(session: "Session", name: str, service: str) -> str:
    if not has_service_linked_role(session.aws, name):
        raise TandemError(
            "does not exist: AWS makes it at the first use, which may fail while it does",
            hint=f"aws iam create-service-linked-role --aws-service-name {service}",
        )
    return "exists"


def _log_policies(session: "Session") -> str:
    """Each environment needs a resource policy of CloudWatch Logs, and no request raises their number."""
    own = f"{session.project.settings.name}-{session.environment}-task-stopped"
    others = [name for name in log_policies(session.aws) if name != own]
    if len(others) >= LOG_POLICIES:
        raise TandemError(
            f"{len(others)} of {LOG_POLICIES} resource policies of CloudWatch Logs are in use",
            hint="delete one that nothing needs: aws logs delete-resource-policy --policy-name NAME;"
            " aws logs describe-resource-policies lists them",
        )
    return f"{len(others)} of {LOG_POLICIES} are in use"


def _repositories(session: "Session", values: Mapping[str, Any]) -> str:
    """The repositories that the platform would create must not be those of another environment."""
    if not values["create_repositories"]:
        return "another environment's are used"
    name, environment = session.project.settings.name, session.environment
    prefix = f"{name}/{environment}/" if values["repositories_per_environment"] else f"{name}/"
    owner = _owner(session, f"{prefix}app")
    if owner in {None, environment}:
        return f"{prefix}app and the others are free"
    whose = f"the environment {owner}" if owner else "somebody else"
    raise TandemError(
        f"{prefix}app belongs to {whose}: names are unique in an account",
        hint=f"set repositories_per_environment = true in terraform/envs/{environment}.tfvars,"
        " or create_repositories = false to use the same repositories",
    )


def _owner(session: "Session", repository: str) -> str | None:
    """The environment that has the repository, by its tag; None if it does not exist."""
    client = session.aws.client("ecr")
    with explain_errors(f"look for the repository {repository}"):
        try:
            answer = client.describe_repositories(repositoryNames=[repository])
        except client.exceptions.RepositoryNotFoundException:
            return None
        tags = client.list_tags_for_resource(resourceArn=answer["repositories"][0]["repositoryArn"])["tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}.get("Environment", "")


def _unless_denied(check: Check) -> str:
    """A role that releases may not read quotas, which is no problem of the environment."""
    try:
        return check()
    except DeniedError as error:
        return f"not checked: {error.message}"
