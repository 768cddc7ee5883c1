"""Apply all patches to moto, once per process."""

from pipeline.local.moto import (
    application_autoscaling,
    awslambda,
    deleted_tags,
    dynamodb,
    ec2,
    ec2_dependencies,
    ec2_endpoints,
    ecs,
    elbv2,
    iam,
    iam_quotas,
    in_use,
    lambda_concurrency,
    logs,
    rds,
    route53,
    shared_backends,
    untracked,
)

_SERVICES = (
    untracked,
    shared_backends,
    iam,
    iam_quotas,
    ecs,
    awslambda,
    lambda_concurrency,
    logs,
    rds,
    route53,
    ec2,
    application_autoscaling,
    dynamodb,
    elbv2,
    ec2_dependencies,
    ec2_endpoints,
    in_use,
    deleted_tags,
)
_applied: list[bool] = []


def apply() -> None:
    """Apply the patches; a second call does nothing."""
    if not _applied:
        for service in _SERVICES:
            service.patch()
        _applied.append(True)
