"""A plan that loses data or addresses is refused, unless each loss is allowed by its address."""

import shlex

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import TERRAFORM
from pipeline.terraform import stateful
from pipeline.terraform.plan_text import ResourceChange, TerraformPlan
from pipeline.terraform.stateful import losses, require_none

APP = 'module.registry.aws_ecr_repository.this["app"]'


def plan(*changes: tuple[str, str]) -> TerraformPlan:
    return TerraformPlan(bool(changes), "", tuple(ResourceChange(*change) for change in changes))


@pytest.mark.parametrize("how", ["replaced", "destroyed"])
@pytest.mark.parametrize(
    "address",
    ["module.load_balancer.aws_lb.this", APP, "module.network.aws_subnet.private[2]", "aws_ecs_cluster.this"],
)
def test_what_cannot_be_made_again_is_a_loss(address: str, how: str) -> None:
    assert [loss.address for loss in losses(plan((address, how)))] == [address]


@pytest.mark.parametrize(
    "change",
    [
        ("module.load_balancer.aws_lb.this", "updated in-place"),
        (APP, "created"),
        ('module.load_balancer.aws_lb_listener_rule.this["api"]', "replaced"),
        ("module.network.aws_iam_role.flow[0]", "destroyed"),
        ('module.load_balancer.aws_lb_target_group.this["api"]', "destroyed"),
    ],
)
def test_what_can_be_made_again_is_none(change: tuple[str, str]) -> None:
    assert losses(plan(change)) == []


def test_a_role_may_go_but_is_not_replaced_unasked() -> None:
    assert losses(plan(("module.roles.aws_iam_role.task", "replaced")))
    assert not losses(plan(("module.roles.aws_iam_role.task", "destroyed")))


@pytest.mark.parametrize("allowed", [APP, "module.registry.aws_ecr_repository.this"])
def test_an_address_or_all_its_instances_may_be_allowed(allowed: str) -> None:
    require_none(plan((APP, "replaced")), [allowed])
    with pytest.raises(TandemError):
        require_none(plan((APP, "replaced"), ("aws_lb.this", "replaced")), [allowed])


def test_a_refusal_says_what_is_lost_and_how_to_allow_it() -> None:
    with pytest.raises(TandemError, match="its images") as refused:
        require_none(plan((APP, "replaced"), ("aws_lb.this", "destroyed")), [])
    assert "aws_lb.this would be destroyed: its address" in refused.value.message
    command = refused.value.hint.partition("tandem ")[2]
    assert shlex.split(command) == ["apply", "--allow-replace", APP, "--allow-replace", "aws_lb.this"]


def test_every_type_of_the_platform_that_holds_data_is_known() -> None:
    """A new kind of storage or address must be listed, or named here as one that holds nothing."""
    text = "\n".join(file.read_text() for file in TERRAFORM.rglob("*.tf"))
    kinds = {kind for kind in stateful.LOSSES if f'resource "{kind}"' in text}
    holds = ("aws_s3_bucket", "aws_dynamodb_table", "aws_ecr_repository", "aws_lb", "aws_vpc", "aws_subnet")
    assert kinds >= {*holds, "aws_cloudwatch_log_group", "aws_sns_topic", "aws_cloudfront_distribution"}
