"""Read what the apply of a release needs while its images are built."""

from contextlib import suppress
from threading import Thread

from pipeline.core import timeline
from pipeline.core.errors import TandemError
from pipeline.deploy.session import Session
from pipeline.terraform import roots


def read_ahead(session: Session) -> Thread:
    """Read the state of the release root in a thread. Nothing has to wait for it.

    Terraform's state cannot change meanwhile without being read again.
    """
    thread = Thread(target=timeline.in_timeline(_read), args=(session,), daemon=True)
    thread.start()
    return thread


def _read(session: Session) -> None:
    # Before the first release there is nothing to read. What fails here fails the apply as well.
    with suppress(TandemError, OSError), timeline.span("read ahead"):
        root = roots.release(session.project, session.environment, session.aws)
        if root.is_initialised():  # two runs of `init` at once would disturb each other
            root.addresses()
