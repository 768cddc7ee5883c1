"""A small price table for estimates: US dollars in eu-central-1, on demand, without free tiers.

Checked in 2026-11 against public copies of AWS's price lists, price tables and bills, not against AWS itself.
The comment above each price names its source; "unconfirmed" prices are from memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

DATED = "2026-11"
REGION = "eu-central-1"
HOURS = 730  # in a month
SECONDS = HOURS * 3600


@dataclass(frozen=True)
class Prices:
    """Prices in US dollars, named as on https://aws.amazon.com/{fargate,lambda,elasticloadbalancing,vpc,ecr,cloudwatch,waf,codepipeline,codebuild,rds/proxy}/pricing/."""

    # AmazonECS price list of the region, effective 2026-07-07.
    fargate_vcpu_hour: float = 0.04656
    fargate_gib_hour: float = 0.00511
    # Each is unconfirmed; a bill of the region from 2026 has them in this proportion.
    fargate_arm_vcpu_hour: float = 0.03725
    fargate_arm_gib_hour: float = 0.00409
    # Listed beside the region's two x86 prices in a public price table, undated.
    fargate_storage_gib_hour: float = 0.000132
    fargate_storage_free_gib: float = 20
    # The price page promises up to 70 % off, so this is the best case; it varies by the hour.
    spot_share_of_price: float = 0.3
    # AWSLambda price list of the region, by a public cost note, undated.
    lambda_request: float = 0.0000002
    lambda_gib_second: float = 0.0000166667
    # A public table, undated: the same in all regions but a few, and not different in this one.
    lambda_arm_gib_second: float = 0.0000133334
    # Of us-east-1, the price list of 2025-10 and public tables; unconfirmed for this region.
    lambda_ready_gib_second: float = 0.0000041667
    lambda_arm_ready_gib_second: float = 0.0000033334
    lambda_on_ready_gib_second: float = 0.0000097222
    lambda_arm_on_ready_gib_second: float = 0.0000077778
    # Bill of the region from 2026: 19.44 for 720 hours.
    load_balancer_hour: float = 0.027
    # Of us-east-1; unconfirmed for this region.
    load_balancer_lcu_hour: float = 0.008
    # By the gigabyte: a public table of regional prices, undated; by the hour: two public notes.
    nat_hour: float = 0.052
    nat_gib: float = 0.052
    # AmazonVPC price list of the region, 2026-09; for each zone.
    endpoint_hour: float = 0.012
    # AmazonVPC price list, the same in every region.
    address_hour: float = 0.005
    # Of us-east-1, a public table of 2026; unconfirmed for this region.
    registry_gib_month: float = 0.10
    # Table of list prices of the region, 2026-03.
    logs_gib: float = 0.63
    dashboard_month: float = 3.0
    # Bill of the region from 2026: 8.40 for a cluster, which is 28 metrics.
    metric_month: float = 0.30
    # Of us-east-1, a public table of 2026; unconfirmed for this region.
    alarm_metric_month: float = 0.10
    # The same table; the price of a request is unconfirmed.
    firewall_month: float = 5.0
    firewall_rule_month: float = 1.0
    firewall_request: float = 0.0000006
    # CodePipeline's price page, a copy of 2026: V2 pipelines, the same in every region.
    pipeline_minute: float = 0.002
    # Public tables of us-east-1, undated: Linux, general1; unconfirmed for this region.
    build_minute: Mapping[str, float] = field(
        default_factory=lambda: {
            "small": 0.005,
            "medium": 0.01,
            "large": 0.02,
            "xlarge": 0.10,
            "2xlarge": 0.25,
        }
    )
    # Of us-east-1; unconfirmed, from memory.
    proxy_vcpu_hour: float = 0.015


PRICES = Prices()
