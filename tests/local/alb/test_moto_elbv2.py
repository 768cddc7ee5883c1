"""What the load balancer reads of target groups."""

from typing import Any
from uuid import uuid4

import pytest
from moto.backends import get_backend

from pipeline.local.alb.moto_elbv2 import read_target_groups
from pipeline.local.context import REGION

Address = dict[str, Any]
FUNCTION: Address = {"target_type": "lambda", "vpc_id": None, "protocol": None, "port": None}
CONTAINER: Address = {"target_type": "ip", "protocol": "HTTP", "port": 8080}


@pytest.mark.parametrize(
    ("address", "attributes", "delay"),
    [
        (FUNCTION, {}, 0),
        (CONTAINER, {}, 300),
        (CONTAINER, {"deregistration_delay.timeout_seconds": "7"}, 7),
    ],
)
def test_a_function_leaves_at_once_and_a_container_after_the_delay(
    address: Address, attributes: dict[str, str], delay: int
) -> None:
    account = str(uuid4().int)[:12]
    elbv2 = get_backend("elbv2")[account][REGION]
    if address is CONTAINER:
        vpc = next(iter(get_backend("ec2")[account][REGION].vpcs.values()))
        address = {**address, "vpc_id": vpc.id}
    elbv2.create_target_group("group", healthy_threshold_count="2", unhealthy_threshold_count="2", **address)
    (group,) = elbv2.target_groups.values()
    group.attributes.update(attributes)
    assert [group.drain_seconds for group in read_target_groups(account, REGION)] == [delay]
