"""The cost lines of what AWS runs beside the site: the pipeline of the module `delivery`, the RDS Proxy."""

import re

from pipeline.terraform.cost.cost_line import ByType, CostLine
from pipeline.terraform.cost.prices import HOURS, Prices
from pipeline.terraform.cost.usage import Usage

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_A_MONTH = {"minute": 60 * HOURS, "hour": HOURS, "day": HOURS / 24}
_DAYS = HOURS / 24
_SCHEDULED_MINUTES = 1.0  # of a run that finds nothing to release
_LEAST_VCPU = 2.0


def delivery(by_type: ByType, usage: Usage, prices: Prices) -> list[CostLine]:
    """CodePipeline V2 bills the minutes of each action, CodeBuild those of each build; both round up."""
    lines = []
    for pipeline in by_type.get("aws_codepipeline", []):
        stages = pipeline.values.get("stage") or [{}]
        actions = len(stages[0].get("action") or [])
        scheduled_runs = _scheduled_runs(by_type)
        build_minutes = usage.releases * usage.release_minutes + scheduled_runs * _SCHEDULED_MINUTES
        action_minutes = (usage.releases + scheduled_runs) * actions + build_minutes
        runs = f"{usage.releases:g} pushes, {scheduled_runs:.0f} scheduled runs"
        lines += [
            CostLine(
                "CodePipeline", action_minutes * prices.pipeline_minute, f"{action_minutes:.0f} min: {runs}"
            ),
            CostLine(
                "CodeBuild",
                build_minutes * _build_minute(by_type, prices),
                f"{build_minutes:.0f} min: {runs}",
            ),
        ]
    return lines


def _build_minute(by_type: ByType, prices: Prices) -> float:
    project = next(iter(by_type.get("aws_codebuild_project", [])), None)
    environment = ((project.values.get("environment") if project else None) or [{}])[0]
    size = str(environment.get("compute_type", "")).rpartition("_")[2].lower()
    return prices.build_minute.get(size, prices.build_minute["medium"])


def _scheduled_runs(by_type: ByType) -> float:
    """Runs a month by the schedule of the pipeline; cron counts as once a day."""
    expressions = [
        str(rule.values.get("schedule_expression") or "")
        for rule in by_type.get("aws_cloudwatch_event_rule", [])
        if rule.address.startswith("module.delivery")
    ]
    return sum(_runs(expression) for expression in expressions if expression)


def _runs(expression: str) -> float:
    rate = _RATE.fullmatch(expression)
    return _A_MONTH[rate[2]] / max(1, int(rate[1])) if rate else _DAYS


def database_proxy(by_type: ByType, _: Usage, prices: Prices) -> list[CostLine]:
    """A proxy costs by the vCPUs of its database, which no plan names: two are the least that are billed."""
    proxies = len(by_type.get("aws_db_proxy", []))
    dollars = proxies * _LEAST_VCPU * HOURS * prices.proxy_vcpu_hour
    return [CostLine("RDS Proxy", dollars, f"{_LEAST_VCPU:g} vCPU of the database, the least that is billed")]
