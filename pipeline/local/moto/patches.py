"""Apply all patches to moto, once per process."""

from pipeline.local.moto import (
    application_autoscaling,
    awslambda,
    dynamodb,
    ec2,
    ecs,
    elbv2,
    iam,
    iam_quotas,
    lambda_concurrency,
    logs,
    route53,
)

_SERVICES = (
    iam,
    iam_quotas,
    ecs,
    awslambda,
    lambda_concurrency,
    logs,
    route53,
    ec2,
    application_autoscaling,
    dynamodb,
    elbv2,
)
_applied: list[bool] = []


def apply() -> None:
    """Apply the patches; a second call does nothing."""
    if not _applied:
        for service in _SERVICES:
            service.patch()
        _applied.append(True)
