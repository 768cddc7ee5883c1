"""tandem cost: the monthly cost of an environment, estimated."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_project, open_session
from pipeline.core import console

if TYPE_CHECKING:
    from pipeline.terraform.cost.estimate import CostLine
    from pipeline.terraform.cost.plan_reader import CostInputs
    from pipeline.terraform.cost.usage import Usage

_NOT_INCLUDED = (
    "list prices, without free tiers and tax; not included: traffic to the internet, S3, DynamoDB,",
    "CloudFront, X-Ray, and the time in which a rollout runs both revisions",
)


def cost(  # noqa: PLR0913, PLR0917 - one option each
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
    api_rate: Annotated[float, typer.Option(help="Average API requests per second.")] = 1.0,
    api_milliseconds: Annotated[float, typer.Option(help="Average duration of an API request.")] = 50.0,
    site_rate: Annotated[float, typer.Option(help="Average other requests per second.")] = 5.0,
    plan_file: Annotated[
        Path | None, typer.Option(help="Read this output of `terraform show -json` instead of planning.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Estimate the monthly cost of an environment.

    The estimate comes from Terraform's plan of both roots and a dated price table.
    """
    from pipeline.terraform.cost import breakeven
    from pipeline.terraform.cost.estimate import estimate
    from pipeline.terraform.cost.usage import Usage

    usage = Usage(
        api_requests_per_second=api_rate,
        api_milliseconds=api_milliseconds,
        site_requests_per_second=site_rate,
    )
    inputs = _read_plan(project, env, plan_file)
    lines = estimate(inputs.resources, usage)
    if as_json:
        console.out(json.dumps(_data(inputs, lines, usage), indent=2))
        return
    console.out("\n".join(table(lines)))
    if open_project(project).settings.api.enabled:
        console.out(breakeven.describe(inputs.api, usage))
    for note in (f"assumed: {usage}", *_NOT_INCLUDED):
        console.info(note)
    _warn_of_region(project, env)


def _read_plan(project: Path, env: str, plan_file: Path | None) -> "CostInputs":
    from pipeline.terraform.cost import plan_reader

    if plan_file:
        return plan_reader.read_plan_file(plan_file, open_project(project).settings)
    session = open_session(project, env)
    host = session.stack.registry_host if session.is_local else None
    console.info("-> planning both Terraform roots; this takes up to a minute")
    return plan_reader.read_environment(session.project, session.environment, session.aws, registry_host=host)


def _warn_of_region(project: Path, env: str) -> None:
    from pipeline.terraform.cost.prices import REGION

    environments = open_project(project).settings.environments
    region = environments[env].region if env in environments else REGION
    if region != REGION:
        console.info(f"{env} is in {region}; the prices are those of {REGION}", style="yellow")


def _data(inputs: "CostInputs", lines: "list[CostLine]", usage: "Usage") -> dict[str, Any]:
    from pipeline.terraform.cost import breakeven
    from pipeline.terraform.cost.prices import DATED, REGION

    api = inputs.api
    return {
        "dated": DATED,
        "region": REGION,
        "assumed": asdict(usage),
        "lines": [asdict(line) for line in lines],
        "total": sum(line.dollars for line in lines),
        "api": {
            "lambda": api.monthly_lambda_cost(usage),
            "fargate": api.monthly_fargate_cost(),
            "breakeven": breakeven.breakeven_rate(api, usage),
        },
    }


def table(lines: "list[CostLine]") -> list[str]:
    """The estimate as text, one row a line."""
    from pipeline.terraform.cost.prices import DATED, REGION

    width = max([len(line.what) for line in lines], default=0)
    rows = [f"{line.what:<{width}}  {line.dollars:9.2f}  {line.how}" for line in lines]
    total = sum(line.dollars for line in lines)
    return [
        f"Estimated cost in US dollars a month ({REGION}, prices of {DATED})",
        *rows,
        f"{'total':<{width}}  {total:9.2f}",
    ]
