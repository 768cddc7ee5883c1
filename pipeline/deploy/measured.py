"""Measure a run: show at its end where the time went, and keep that with the environment's releases."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from pipeline.core import console, timeline
from pipeline.core.audit import now
from pipeline.core.errors import TandemError
from pipeline.core.timeline import Timeline
from pipeline.deploy.session import Session
from pipeline.records import waterfall
from pipeline.records.run_record import NEW_CONTENT, RunRecord


@dataclass
class Run:
    """What a run knows about itself: its lock's token and its release's number, 0 while it has none."""

    why: str
    started_at: str = field(default_factory=now)
    token: int = 0
    release: int = 0

    def record(self, timeline: Timeline, *, failed: bool) -> RunRecord:
        """The run as a value."""
        content = timeline.marks.get(NEW_CONTENT)
        return RunRecord(
            started_at=self.started_at,
            why=self.why,
            release=self.release,
            seconds=timeline.seconds,
            new_content=None if failed else content,
            failed=failed,
            spans=tuple(timeline.spans),
        )


@contextmanager
def measured(session: Session, why: str) -> Iterator[Run]:
    """Measure the block; if it is the first of a command, from the start of the command's process.

    An interrupt ends it without a word: the person at the keyboard waits.
    """
    run = Run(why)
    since, session.began = session.began, None
    with timeline.recording(since, why) as run_timeline:
        if since is not None:
            run_timeline.add("start", since, since + run_timeline.seconds)
        try:
            yield run
        except Exception:
            _show(session, run, run.record(run_timeline, failed=True))
            raise
        _show(session, run, run.record(run_timeline, failed=False))


def _show(session: Session, run: Run, record: RunRecord) -> None:
    console.info("\n".join(waterfall.lines(record)))
    # The durations are worth less than the release: what cannot be kept is only shown.
    with suppress(TandemError):
        if run.token and (run.release or record.failed):
            session.store.add_run(run.token, record)
