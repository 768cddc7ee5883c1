"""tandem cost: what an environment costs in a month, estimated."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline import talk
from pipeline.cost import breakeven, planned
from pipeline.cost.estimate import Line, Planned, Size, estimate
from pipeline.cost.prices import DATED, REGION
from pipeline.cost.usage import Usage
from pipeline.session import Session
from pipeline.verbs.options import HERE, EnvOption, JsonOption, ProjectOption, open_project, session

app = typer.Typer(invoke_without_command=True, help="Estimate what an environment costs in a month.")

_TASK = Size(vcpu=0.25, gib=0.5, disk_gib=20, arm=False)
_TASKS = 2


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
    found = planned.read(plan_file) if plan_file else _planned(session(opened, env))
    lines = estimate(found, usage)
    even = breakeven.rate(_TASK, _TASKS, opened.settings.api.memory, usage)
    if as_json:
        print(json.dumps({"dated": DATED, "lines": [asdict(line) for line in lines], "breakeven": even}))
        return
    print("\n".join(table(lines, even)))
    talk.say("An estimate: list prices, no free tier, no tax; traffic to the internet is not in it.")


def _planned(at: Session) -> list[Planned]:
    host = at.stack.registry_host if at.is_local else None
    return planned.resources(at.project, at.environment, registry_host=host)


def table(lines: list[Line], even: float) -> list[str]:
    """The estimate as text."""
    width = max([len(line.what) for line in lines], default=0)
    rows = [f"{line.what:<{width}}  {line.dollars:9.2f}  {line.how}" for line in lines]
    total = sum(line.dollars for line in lines)
    return [
        f"Estimated cost in US dollars a month ({REGION}, prices of {DATED})",
        *rows,
        f"{'total':<{width}}  {total:9.2f}",
        breakeven.sentence(_TASK, _TASKS, even),
    ]
