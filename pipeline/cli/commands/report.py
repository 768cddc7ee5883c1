"""tandem report: the last comparison as a page."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import HERE, JsonOption, ProjectOption, open_project
from pipeline.core import console
from pipeline.core.whole_file import write_whole


def report(  # noqa: PLR0913, PLR0917 - a command's options
    output: Annotated[
        Path | None,
        typer.Option(help="The page to write.  [default: .tandem/report.html]", show_default=False),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Write page, JSON and Markdown to this folder, to commit: without this machine's paths"
            " and addresses.",
            show_default=False,
        ),
    ] = None,
    run: Annotated[
        str, typer.Option(help="The id of a comparison, or its beginning.  [default: the newest]")
    ] = "",
    as_markdown: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--markdown", help="Print Markdown, for a pull request's comment.")
    ] = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Write the newest comparison as an HTML page, and print its path.

    The page is one file, which needs neither network nor scripts.
    """
    from pipeline.compare.report import markdown, published
    from pipeline.compare.report.of_up import FILE
    from pipeline.compare.report.page import page
    from pipeline.compare.report.report_content import read
    from pipeline.records.build_records import FILE as DATABASE
    from pipeline.records.build_records import Records

    opened_project = open_project(project)
    documents = Records(opened_project.state / DATABASE).documents()
    if folder:
        for name, body in published.files(documents, run).items():
            write_whole(folder / name, body)
            console.out(folder / name)
        return
    content = read(documents, run)
    if as_json or as_markdown:
        console.out(markdown.as_json(content) if as_json else markdown.markdown(content))
        return
    path = output or opened_project.state / FILE
    write_whole(path, page(content).encode())
    console.out(path)
