"""Refuse a plan that loses something which cannot be made again: data, addresses, names that others use.

Terraform replaces a resource when an attribute changes that AWS cannot change. For most resources that is
harmless; for these it loses data, or breaks what refers to them until it is applied again.
"""

import re
import shlex
from collections.abc import Collection
from dataclasses import dataclass

from pipeline.core.errors import TandemError
from pipeline.terraform.plan_text import ResourceChange, TerraformPlan

LOSSES = {
    "aws_cloudfront_distribution": "its domain name, and the site for a quarter of an hour",
    "aws_cloudwatch_log_group": "its logs",
    "aws_db_proxy": "its host name, which the API connects to",
    "aws_dynamodb_table": "its records",
    "aws_ecr_repository": "its images, which releases name",
    "aws_ecs_cluster": "its services",
    "aws_efs_file_system": "its files",
    "aws_iam_role": "its permissions for what runs, until the next release",
    "aws_kms_key": "whatever is encrypted with it",
    "aws_lb": "its address, and the site while it is made again",
    "aws_lb_listener": "the site while it is made again",
    "aws_s3_bucket": "its objects",
    "aws_secretsmanager_secret": "its value",
    "aws_security_group": "its id, which running tasks hold",
    "aws_sns_topic": "its subscriptions",
    "aws_subnet": "its addresses, which running tasks hold",
    "aws_vpc": "its network",
    "aws_wafv2_web_acl": "its protection while it is made again",
}
"""What is lost with a resource of each type."""

_MAY_GO = {"aws_iam_role", "aws_lb_listener", "aws_security_group", "aws_wafv2_web_acl"}
"""Types that are only missed while they are made again: they go with the switch that is turned off."""

_TYPE = re.compile(r"(?:^|\.)(aws_\w+)\.\w+(?:\[[^]]*\])?$")


@dataclass(frozen=True)
class Loss:
    """A stateful resource that a plan replaces or destroys."""

    address: str
    how: str
    what: str

    def __str__(self) -> str:
        return f"{self.address} would be {self.how}: {self.what} would be lost"


def losses(plan: TerraformPlan, allowed: Collection[str] = ()) -> list[Loss]:
    """The stateful resources that the plan replaces or destroys, without the allowed addresses.

    An address without its last key allows all of the resource's instances.
    """
    return [
        loss
        for loss in map(_loss, plan.resources)
        if loss and not {loss.address, _without_key(loss.address)} & {*allowed}
    ]


def _loss(change: ResourceChange) -> Loss | None:
    match = _TYPE.search(change.address)
    kind = match[1] if match else ""
    is_lost = change.how == "replaced" or (change.how == "destroyed" and kind not in _MAY_GO)
    return Loss(change.address, change.how, LOSSES[kind]) if is_lost and kind in LOSSES else None


def _without_key(address: str) -> str:
    return re.sub(r"\[[^]]*\]$", "", address)


def require_none(plan: TerraformPlan, allowed: Collection[str]) -> None:
    """TandemError if the plan loses something that is not allowed to go; nothing was changed yet."""
    forbidden_losses = losses(plan, allowed)
    if forbidden_losses:
        addresses = " --allow-replace ".join(shlex.quote(loss.address) for loss in forbidden_losses)
        raise TandemError(
            f"nothing was changed, for {'; '.join(map(str, forbidden_losses))}",
            hint=f"take the change back, or allow it: tandem apply --allow-replace {addresses}",
        )
