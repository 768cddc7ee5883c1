"""Bring up, release, measure and check the whole system."""

import time

from pipeline.cli.summary import summary
from pipeline.compare import table as report
from pipeline.compare.run import compare
from pipeline.core.settings import Project
from pipeline.deploy import api_runtime as switch
from pipeline.deploy.local_platform import stand
from pipeline.deploy.release import deliver
from pipeline.deploy.session import Session
from pipeline.deploy.smoke_test import check


def up(project: Project) -> str:
    """Everything up, released, measured and checked; returns what to tell at the end."""
    began = time.monotonic()
    session = stand(project, meanwhile=_measure_once)
    delivery = deliver(session, "tandem up")
    switch.settle(session)
    _measure_once(session)
    checked = check(session.stack.url, session.stack.id)
    return summary(session, delivery, checked, time.monotonic() - began)


def _measure_once(session: Session) -> None:
    """Measured when the stack comes up first; later on `tandem compare` does it again."""
    if not report.latest_run(session.records.all()):
        compare(session)
