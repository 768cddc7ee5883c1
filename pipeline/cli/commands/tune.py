"""tandem tune: which memory suits the API's function."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console
from pipeline.core.errors import TandemError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.deploy.memory_sizes import MeasuredSize


class Tunable(StrEnum):
    """What can be tuned."""

    API = "api"


def tune(  # noqa: PLR0913, PLR0917 - its options
    what: Annotated[Tunable, typer.Argument(help="api: the memory of its function.")],
    env: EnvOption,
    project: ProjectOption = HERE,
    sizes: Annotated[
        str, typer.Option(help="Memory in MB, separated by commas.")
    ] = "128,256,512,1024,1769,3008",
    event: Annotated[
        Path | None,
        typer.Option(
            help="A JSON file with the event.  [default: a GET of the health path]", show_default=False
        ),
    ] = None,
    count: Annotated[int, typer.Option(help="Warm invocations of each size.", min=1, max=1000)] = 20,
    svg: Annotated[Path | None, typer.Option(help="Write a chart to this file.", show_default=False)] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Measure the API's function with several amounts of memory.

    Publishes a temporary version for each size, invokes it, and deletes it; the traffic stays on the released
    version. Holds the environment's lock. Locally a container gets the processor share that Lambda gives.
    """
    from pipeline.deploy import memory_sizes
    from pipeline.deploy import tune as verb
    from pipeline.local.function_cpu import limit_cpu

    del what  # there is one
    megabytes = memory_sizes.parse_sizes(sizes)
    payload = verb.read_event(event) if event else None
    session = open_session(project, env)
    current, measured = verb.tune(
        session, megabytes, payload, count=count, limit_cpu=limit_cpu if session.is_local else None
    )
    if svg:
        _draw(svg, measured, current, "on this machine" if session.is_local else env)
    if as_json:
        console.out(json.dumps(memory_sizes.to_json(measured, current, is_local=session.is_local), indent=2))
        return
    console.out(memory_sizes.table(measured, current))
    if session.is_local:
        console.info("on this machine: containers with Lambda's processor share; AWS's processors differ")
    console.info(memory_sizes.advice(measured, current))


def _draw(file: Path, measured: "Sequence[MeasuredSize]", current: int, where: str) -> None:
    from pipeline.compare.report.sizes_chart import sizes_chart

    if all(each.error for each in measured):
        console.info("no chart: no size worked")
        return
    try:
        file.write_text(sizes_chart(measured, current, where).svg, encoding="utf-8")
    except OSError as error:
        raise TandemError(
            f"the chart {file} cannot be written: {error.strerror}", hint="tandem tune api --svg sizes.svg"
        ) from error
    console.info(f"chart: {file}")
