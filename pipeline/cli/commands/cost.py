"""tandem cost: what an environment costs in a month, estimated."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.options import HERE, EnvOption, JsonOption, ProjectOption, open_project, session
from pipeline.core import console
from pipeline.deploy.session import Session
from pipeline.terraform.cost import breakeven
from pipeline.terraform.cost import plan_reader as planned
from pipeline.terraform.cost.estimate import Line, estimate
from pipeline.terraform.cost.plan_reader import Subject
from pipeline.terraform.cost.prices import DATED, REGION
from pipeline.terraform.cost.usage import Usage

app = typer.Typer(invoke_without_command=True, help="Estimate what an environment costs in a month.")


@app.callback()
def cost(  # noqa: PLR0913, PLR0917 - one option each
    env: EnvOption,
    project: ProjectOption = HERE,
    api_rate: Annotated[float, typer.Option(help="API requests per second, on average.")] = 1.0,
    api_milliseconds: Annotated[float, typer.Option(help="Duration of one.")] = 50.0,
    site_rate: Annotated[float, typer.Option(help="Other requests per second.")] = 5.0,
    plan_file: Annotated[
        Path | None, typer.Option(help="Estimate what `terraform show -json` wrote instead of planning.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Estimate the monthly cost from Terraform's plan and a dated price table."""
    opened = open_project(project)
    usage = Usage(
        api_requests_per_second=api_rate,
        api_milliseconds=api_milliseconds,
        site_requests_per_second=site_rate,
    )
    subject = planned.read(plan_file, opened.settings) if plan_file else _planned(session(opened, env))
    lines = estimate(subject.resources, usage)
    if as_json:
        print(json.dumps(_data(subject, lines, usage), indent=2))
        return
    print("\n".join(table(lines)))
    print(breakeven.sentence(subject.api, usage))
    console.info(f"assumed: {usage}")
    console.info(
        "list prices, without free tiers and tax; not in it: traffic to the internet, what S3, DynamoDB,"
    )
    console.info("CloudFront and X-Ray cost, and the time that a rollout runs both revisions")
    region = opened.settings.environments[env].region if env in opened.settings.environments else REGION
    if region != REGION:
        console.info(f"{env} is in {region}, where prices differ from those of {REGION}", style="yellow")


def _planned(at: Session) -> Subject:
    host = at.stack.registry_host if at.is_local else None
    return planned.subject(at.project, at.environment, registry_host=host)


def _data(subject: Subject, lines: list[Line], usage: Usage) -> dict[str, Any]:
    api = subject.api
    return {
        "dated": DATED,
        "region": REGION,
        "assumed": asdict(usage),
        "lines": [asdict(line) for line in lines],
        "total": sum(line.dollars for line in lines),
        "api": {
            "lambda": api.on_lambda(usage),
            "fargate": api.on_fargate(),
            "breakeven": breakeven.rate(api, usage),
        },
    }


def table(lines: list[Line]) -> list[str]:
    """The estimate as text."""
    width = max([len(line.what) for line in lines], default=0)
    rows = [f"{line.what:<{width}}  {line.dollars:9.2f}  {line.how}" for line in lines]
    total = sum(line.dollars for line in lines)
    return [
        f"Estimated cost in US dollars a month ({REGION}, prices of {DATED})",
        *rows,
        f"{'total':<{width}}  {total:9.2f}",
    ]
