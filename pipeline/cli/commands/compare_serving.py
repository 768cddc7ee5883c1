"""tandem compare serving: load on the layouts side by side."""

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


def serving(  # noqa: PLR0913, PLR0917 - a command's options
    size: Annotated[
        str | None, typer.Option(help="Generated content, such as `150 MB`, or `own`: the sources' own.")
    ] = None,
    layout: LayoutOption = None,
    workload: Annotated[
        list[str] | None,
        typer.Option(
            help="small-page, large-asset, text-gzip-static, text-gzip or random-files; may be repeated."
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A look of about two minutes.")] = False,  # noqa: FBT002
    minutes: Annotated[
        float | None,
        typer.Option(help="The budget; no trial is begun that does not fit.", min=0.1, max=WEEK),
    ] = None,
    runs: Annotated[
        int | None, typer.Option(help="Trials of each layout and workload at least.", min=1, max=1000)
    ] = None,
    precision: PrecisionOption = None,
    margin: MarginOption = None,
    connections: Annotated[
        int | None, typer.Option(help="Connections that ask at the same time.", min=1, max=256)
    ] = None,
    seconds: Annotated[int | None, typer.Option(help="Seconds of a trial.", min=1, max=60)] = None,
    seed: SeedOption = None,
    resume: ResumeOption = False,  # noqa: FBT002 - a flag
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Put load on monolith, sidecar and fused side by side.

    Each layout is one task behind one load balancer, as locally. Layouts and workloads come in turns, in
    random order. The first trial of each is a warm-up. Requests per second, latency and CPU per request are
    compared with the bloated image. Every trial is recorded at once: after an interruption --resume
    continues.
    """
    from pipeline.cli import comparisons
    from pipeline.cli.compare_serving_plan import ServingOptions

    options = ServingOptions(
        size,
        layout,
        workload,
        quick,
        minutes,
        runs,
        precision,
        margin,
        connections,
        seconds,
        seed,
    )
    if resume:
        options.require_none()
    plan = None if resume else options.plan()
    from pipeline.compare.serving import verb  # after the checks: it imports moto
    from pipeline.compare.serving.figures import SERVING

    session = open_session(project, "local")
    with comparisons.resumable(SERVING.command):
        running = verb.start(session, plan, _tell) if plan else verb.resume(session, _tell)
    _print(running, as_json=as_json)
    comparisons.show_imprecise(running.plan, running.done, "trials")
    console.info("next: tandem report")


def _tell(trial: "Trial", progress: "Progress") -> None:
    """Print one trial, and how far the comparison is."""
    from pipeline.cli.comparisons import show_run
    from pipeline.compare.serving.table import trial_text

    show_run(progress, f"{trial.cell}: {trial_text(trial)}", warm_up="warm-up" if trial.is_warm_up else "")


def _print(running: "RunningExperiment", *, as_json: bool) -> None:
    from pipeline.compare.experiment_results import MeasuredExperiment
    from pipeline.compare.serving.figures import SERVING
    from pipeline.compare.serving.table import serving_table

    if as_json:
        measured = MeasuredExperiment(running.started, tuple(running.done))
        console.out(json.dumps(measured.to_json(SERVING), indent=2))
    else:
        console.out(serving_table(running.plan, running.done, running.started.machine))
