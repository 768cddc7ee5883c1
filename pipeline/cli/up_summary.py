"""The text that `tandem up` prints at its end."""

import shlex

from pipeline.compare import table
from pipeline.compare.report.of_up import write_report
from pipeline.core.values import Source
from pipeline.deploy.release_result import ReleaseResult
from pipeline.deploy.session import Session
from pipeline.git import sources


def up_summary(session: Session, result: ReleaseResult, checks: str, seconds: float) -> str:
    """URL, release, checks, build times and the next command, as several lines."""
    release = result.release
    commits = [
        f"  {source.value:<8} commit {commit.short}  {commit.subject}"
        for source, commit in sorted(release.commits.items())
    ]
    images = [f"  {name:<8} {image}" for name, image in sorted(release.images.items())]
    suffix = "" if result.is_new else " (nothing changed)"
    return "\n".join(
        [
            f"up in {seconds:.0f} s{suffix}",
            "",
            f"url      {session.stack.url}",
            f"release  {release.number}, layout {release.layout.value}",
            *commits,
            *images,
            f"checks   {checks}",
            "",
            *_build_times(session),
            "",
            f"next: git clone {shlex.quote(_app_repository(session))}, change a page, commit, push",
        ]
    )


def _app_repository(session: Session) -> str:
    return sources.locate(session.project, Source.APP)


def _build_times(session: Session) -> list[str]:
    records = session.records.all()
    measured = table.latest(records)
    if not measured:
        return []
    lines = [table.table(table.comparisons(records, measured.run), measured)]
    report = write_report(session.project, session.records)
    return [*lines, f"report   {report.relative_to(session.project.root)}"] if report else lines
