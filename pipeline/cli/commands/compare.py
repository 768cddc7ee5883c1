"""tandem compare: build times, bloated against split."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.commands.compare_serving import serving
from pipeline.cli.commands.compare_start import start
from pipeline.cli.compare_options import WEEK, PrecisionOption, ResumeOption, SeedOption
from pipeline.cli.options import HERE, JsonOption, ProjectOption, open_project, open_session
from pipeline.core import console
from pipeline.core.errors import TandemError

if TYPE_CHECKING:
    from pipeline.compare.engine import Comparison
    from pipeline.compare.measurement import Measurement
    from pipeline.compare.schedule import Progress

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
app.command()(serving)
app.command()(start)


@app.callback()
def compare(
    context: typer.Context,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Measure bloated and split builds side by side.

    Without a subcommand it builds the monolith and the split images of your sources once for each scenario,
    and prints seconds and bytes sent.
    """
    if context.invoked_subcommand:
        return
    from pipeline.compare import side_by_side, table

    session = open_session(project, "local")
    run_id = side_by_side.compare(session)
    records = session.records.all()
    rows, measured = table.comparisons(records, run_id), table.measured(records, run_id)
    if as_json:
        values = [asdict(row) | {"ratio": row.ratio, "measured": asdict(measured)} for row in rows]
        console.out(json.dumps(values, indent=2))
    else:
        console.out(table.table(rows, measured))


@app.command()
def builds(  # noqa: PLR0913, PLR0917 - a command's options
    size: Annotated[
        list[str] | None,
        typer.Option(help="Content to measure: generated, such as `150 MB`, or `own`; may be repeated."),
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(help="monolith, split-dockerfile, split-layers or fused; may be repeated."),
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            help="cold, nothing, app-only, static-one-file, static-1-percent or both; may be repeated."
        ),
    ] = None,
    preset: Annotated[str, typer.Option(help="default, quick or article: the article's sizes.")] = "default",
    quick: Annotated[bool, typer.Option("--quick", help="The same as --preset quick.")] = False,  # noqa: FBT002
    minutes: Annotated[
        float | None,
        typer.Option(help="The budget; no build is begun that does not fit.", min=0.1, max=WEEK),
    ] = None,
    runs: Annotated[
        int | None,
        typer.Option(help="Builds of each cell at least.  [default: enough for a verdict]", min=1, max=1000),
    ] = None,
    precision: PrecisionOption = None,
    seed: SeedOption = None,
    resume: ResumeOption = False,  # noqa: FBT002 - a flag
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Measure each variant and scenario until medians are known well.

    Variants and scenarios are built in turns, in random order. A first build of each variant is a warm-up.
    Builds that fail are kept and shown. Every build is recorded at once: after an interruption --resume
    continues.
    """
    from pipeline.cli import comparisons
    from pipeline.cli.compare_plan import COMMAND, PlanOptions
    from pipeline.compare import builds as verb

    options = PlanOptions(preset, quick, size, variant, scenario, minutes, runs, precision, seed)
    if resume:
        options.require_none()
    plan = None if resume else options.plan()
    session = open_session(project, "local")
    with comparisons.resumable(COMMAND):
        comparison = verb.start(session, plan, _tell) if plan else verb.resume(session, _tell)
    _print(comparison, as_json=as_json)
    comparisons.show_imprecise(comparison.plan, comparison.done, "builds")


@app.command()
def history(  # noqa: PLR0913, PLR0917 - a command's options
    last: Annotated[int, typer.Option(help="How many commits, of both repositories together.", min=1)] = 200,
    repository: Annotated[
        Path | None,
        typer.Option(help="A repository with app and content that is not split yet.", show_default=False),
    ] = None,
    content: Annotated[
        list[str] | None, typer.Option(help="A folder of the content in it; may be repeated.")
    ] = None,
    run: Annotated[
        str, typer.Option(help="The id of the comparison to model by.  [default: the newest]")
    ] = "",
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Show what the last commits waited for builds, bloated and split.

    The times are modelled from the medians of a comparison. With --repository and --content it says what a
    split would bring to a repository that is not split yet.
    """
    from datetime import UTC, datetime

    from pipeline.compare import commit_history as verb
    from pipeline.compare.report.report_content import read
    from pipeline.local.examples.repositories import with_examples
    from pipeline.records.build_records import FILE, Records

    if bool(repository) != bool(content):
        raise TandemError(
            "--repository and --content belong together: one repository, and the folders of its content",
            hint="tandem compare history --repository . --content static",
        )
    opened_project = open_project(project)
    if repository and content:
        verb.require_content(repository, content)
    records = Records(opened_project.state / FILE)
    measured = read(records.documents(), run)
    if repository and content:
        summary = verb.of_repository(repository, content, last, measured)
    else:
        summary = verb.of_sources(with_examples(opened_project), last, measured)
    records.add(summary.document(datetime.now(UTC).isoformat()))
    console.out(json.dumps(asdict(summary), indent=2) if as_json else summary)


def _tell(measurement: "Measurement", progress: "Progress") -> None:
    """Print one measurement, and how far the comparison is."""
    from pipeline.cli.comparisons import show_run

    outcome = f"failed: {measurement.error}" if measurement.error else f"{measurement.seconds:.2f} s"
    warm_up = "warm-up" if measurement.is_warm_up else ""
    show_run(progress, f"{measurement.cell}: {outcome}", warm_up=warm_up)


def _print(comparison: "Comparison", *, as_json: bool) -> None:
    from pipeline.compare.measurement import json_rows
    from pipeline.compare.results import results
    from pipeline.compare.results_table import results_table

    cell_results = results(comparison.plan, comparison.done)
    if as_json:
        values = {
            "run": comparison.run,
            "machine": comparison.machine,
            "plan": comparison.plan.to_json(),
            "results": [result.to_json() for result in cell_results],
            "measurements": json_rows(comparison.done),
        }
        console.out(json.dumps(values, indent=2))
    else:
        console.out(results_table(comparison.plan, cell_results, comparison.machine))
