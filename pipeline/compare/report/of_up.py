"""The report that `tandem up` writes: it never fails the command."""

from pathlib import Path

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.whole_file import write_whole
from pipeline.records.build_records import Records

FILE = "report.html"
"""The page's name in the state folder of a project."""


def write_report(project: Project, records: Records) -> Path | None:
    """Write the page of the newest comparison; its path, or None with a message if it cannot be written."""
    from pipeline.compare.report import page, report_content  # noqa: PLC0415 - scipy and matplotlib are slow to import

    path = project.state / FILE
    try:
        write_whole(path, page.page(report_content.read(records.documents())).encode())
    except TandemError as error:
        console.info(f"no report is written: {error.message}", style="yellow")
        return None
    return path
