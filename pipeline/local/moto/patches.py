"""Apply all patches on moto, once per process."""

from pipeline.local.moto import application_autoscaling as scaling
from pipeline.local.moto import awslambda as functions
from pipeline.local.moto import dynamodb as tables
from pipeline.local.moto import ec2 as network
from pipeline.local.moto import ecs, logs
from pipeline.local.moto import elbv2 as targets
from pipeline.local.moto import iam as access
from pipeline.local.moto import route53 as names

_applied: list[bool] = []


def apply() -> None:
    """Teach moto what it lacks; a second call does nothing."""
    if not _applied:
        for part in (access, ecs, functions, logs, names, network, scaling, tables, targets):
            part.patch()
        _applied.append(True)
