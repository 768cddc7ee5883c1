"""A small price table for estimates: US dollars in eu-central-1, on demand, without free tiers."""

from dataclasses import dataclass

DATED = "2025-07"
REGION = "eu-central-1"
HOURS = 730  # in a month
SECONDS = HOURS * 3600


@dataclass(frozen=True)
class Prices:
    """https://aws.amazon.com/{fargate,lambda,elasticloadbalancing,vpc,ecr,cloudwatch,waf}/pricing/."""

    fargate_vcpu_hour: float = 0.04656
    fargate_gib_hour: float = 0.00511
    fargate_arm_vcpu_hour: float = 0.03725
    fargate_arm_gib_hour: float = 0.00409
    fargate_storage_gib_hour: float = 0.000132
    fargate_storage_free_gib: float = 20
    spot_share_of_price: float = 0.3  # varies by the hour; a usual discount
    lambda_gib_second: float = 0.0000166667
    lambda_arm_gib_second: float = 0.0000133334
    lambda_provisioned_gib_second: float = 0.0000041667
    lambda_request: float = 0.0000002
    balancer_hour: float = 0.027
    balancer_lcu_hour: float = 0.008
    nat_hour: float = 0.052
    nat_gib: float = 0.052
    endpoint_hour: float = 0.012  # for each zone
    address_hour: float = 0.005
    registry_gib_month: float = 0.10
    logs_gib: float = 0.63
    alarm_metric_month: float = 0.10
    dashboard_month: float = 3.0
    firewall_month: float = 5.0
    firewall_rule_month: float = 1.0
    firewall_request: float = 0.0000006


PRICES = Prices()
