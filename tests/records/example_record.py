"""A build record, in a module that a test's own processes import quickly."""

from pipeline.core.steps import Step
from pipeline.records.build_records import BuildRecord

RECORD = BuildRecord(
    started_at="2026-01-02T03:04:05+00:00",
    image="app",
    scenario="app-only",
    run="r1",
    commits={"app": "1" * 40},
    digest="sha256:" + "a" * 64,
    cache="warm",
    bytes_sent=12,
    steps=(Step("build", 1.5), Step("push", 0.5)),
    machine="CPU, 2 cores",
)
