"""tandem compare start: from "task wanted" to "serves", side by side."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.compare_options import (
    WEEK,
    LayoutOption,
    MarginOption,
    PrecisionOption,
    ResumeOption,
    SeedOption,
)
from pipeline.cli.options import HERE, JsonOption, ProjectOption, open_session
from pipeline.core import console

if TYPE_CHECKING:
    from pipeline.compare.experiment import Trial
    from pipeline.compare.experiment_run import RunningExperiment
    from pipeline.compare.schedule import Progress


def start(  # noqa: PLR0913, PLR0917 - a command's options
    size: Annotated[
        list[str] | None,
        typer.Option(help="Content to start with: generated, such as `150 MB`, or `own`; may be repeated."),
    ] = None,
    layout: LayoutOption = None,
    quick: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--quick", help="Two starts of each layout with 80 MB, in about two minutes.")
    ] = False,
    minutes: Annotated[
        float | None,
        typer.Option(help="The budget; a size that does not fit is left out, and named.", min=0.1, max=WEEK),
    ] = None,
    runs: Annotated[
        int | None,
        typer.Option(help="Starts of each cell at least.  [default: enough for a verdict]", min=1, max=1000),
    ] = None,
    precision: PrecisionOption = None,
    margin: MarginOption = None,
    seed: SeedOption = None,
    resume: ResumeOption = False,  # noqa: FBT002 - a flag
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Measure how long a task of each layout takes until it serves.

    The image store has none of its image. Each start is divided into pull, unpack, copy, start and healthy.
    Then the service goes from one task to four under load. Layouts come in turns, in random order. The local
    stack must be up; it is not touched.
    """
    from functools import partial

    from pipeline.cli import comparisons
    from pipeline.cli.compare_start_plan import StartOptions
    from pipeline.compare import experiment_run
    from pipeline.compare.start.figures import START
    from pipeline.compare.start.trial import equipment

    options = StartOptions(size, layout, quick, minutes, runs, precision, margin, seed)
    if resume:
        options.require_none()
    plan = None if resume else options.plan()
    session = open_session(project, "local")
    make = partial(equipment, session)
    with comparisons.resumable(START.command):
        running = (
            experiment_run.start(session, START, plan, make, _tell)
            if plan
            else experiment_run.resume(session, START, make, _tell)
        )
    _print(running, as_json=as_json)
    comparisons.show_imprecise(running.plan, running.done, "starts")


def _tell(trial: "Trial", progress: "Progress") -> None:
    """Print one start, and how far the comparison is."""
    from pipeline.cli.comparisons import show_run

    outcome = f"{trial.spent:.1f} s" if trial.is_warm_up else f"serves after {trial.value:.2f} s"
    if trial.error:
        outcome = f"failed: {trial.error}"
    elif scale_seconds := trial.figures.get("scaled"):
        outcome += f", four tasks after {scale_seconds:.2f} s more"
    warm_up = "prepared" if trial.is_warm_up else ""
    show_run(progress, f"{trial.cell.size} {trial.cell.variant}: {outcome}", warm_up=warm_up)


def _print(running: "RunningExperiment", *, as_json: bool) -> None:
    from pipeline.compare.experiment_results import MeasuredExperiment
    from pipeline.compare.start.figures import START
    from pipeline.compare.start.summary import estimates_json, summaries
    from pipeline.compare.start.table import start_table

    measured = MeasuredExperiment(running.started, tuple(running.done))
    if as_json:
        estimate = {"fargate_pull": estimates_json(summaries(measured))}
        console.out(json.dumps(measured.to_json(START) | estimate, indent=2))
    else:
        console.out(start_table(measured))
