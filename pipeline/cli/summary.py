"""What `tandem up` tells at its end."""

from pipeline.compare import table as report
from pipeline.deploy.release import Delivery
from pipeline.deploy.session import Session
from pipeline.records import machine


def summary(session: Session, delivery: Delivery, checked: str, seconds: float) -> str:
    """URL, release, checks, build times and the next command."""
    release = delivery.release
    commits = [
        f"  {source.value:<8} commit {commit.short}  {commit.subject}"
        for source, commit in sorted(release.commits.items())
    ]
    images = [f"  {name:<8} {image}" for name, image in sorted(release.images.items())]
    news = "" if delivery.is_new else " (nothing changed)"
    return "\n".join(
        [
            f"up in {seconds:.0f} s{news}",
            "",
            f"url      {session.stack.url}",
            f"release  {release.number}, layout {release.layout.value}",
            *commits,
            *images,
            f"checks   {checked}",
            "",
            *_times(session),
            "",
            f"next: git clone {session.project.state / 'repos' / 'app.git'}, change a page, commit, push",
        ]
    )


def _times(session: Session) -> list[str]:
    records = session.records.all()
    rows = report.rows(records, report.latest_run(records))
    return [report.table(rows, machine.describe())] if rows else []
