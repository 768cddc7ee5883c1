"""The shapes of the console's answers, for the OpenAPI document only: no request needs them.

They are imported when the document is asked for, so that a cold start does without them.
"""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Value = TypeVar("Value")
Next = Annotated[str | None, Field(description="The cursor of the following page; null on the last one.")]
At = Annotated[str, Field(description="ISO 8601, in UTC.")]


class Shape(BaseModel):
    """Each field is there, and no other one."""

    model_config = ConfigDict(extra="forbid")


class Problem(Shape):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: Annotated[str, Field(description="A sentence for people.")]


class Commit(Shape):
    id: str
    subject: str


class Working(Shape):
    what: str
    since: Annotated[float | None, Field(description="Seconds since the epoch.")]


class Hold(Shape):
    source: str
    commit: Commit
    pinned: Annotated[bool, Field(description="Whatever its head is; else until its head moves.")]
    why: str
    since: At | None
    expires: At | None


class Entry(Shape):
    """One entry of the trail."""

    sequence: int
    release: Annotated[int, Field(description="0 if the entry belongs to no release.")]
    outcome: str
    at: At
    reason: str


class Now(Shape):
    environment: str
    current: Annotated[int | None, Field(description="The number of the release that runs.")]
    working: Working | None
    holds: list[Hold]
    last: Entry | None


class Targets(Shape):
    group: str
    states: Annotated[dict[str, int], Field(description="The number of targets in each state of ELBv2.")]


class Version(Shape):
    version: str
    percent: Annotated[float, Field(description="Its share of the requests.")]


class Serving(Shape):
    targets: Annotated[list[Targets] | None, Field(description="Null if it is not known.")]
    versions: Annotated[list[Version] | None, Field(description="Of the API's function; null if unknown.")]
    unknown: Annotated[str, Field(description="Why a part is not known; empty if all is.")]


class Status(Now):
    serving: Serving


class Events(Shape):
    events: list[Entry]
    status: Now


class Environment(Shape):
    name: str
    own: Annotated[bool, Field(description="Whether this API runs in it.")]
    problem: Annotated[str, Field(description="Why it cannot be read; then nothing else is known.")]
    current: int | None
    why: str
    commits: dict[str, Commit]
    working: Working | None
    holds: list[Hold]
    last: Entry | None
    waiting: Annotated[int, Field(description="Triggers that wait in the queue that this API reads.")]


class Environments(Shape):
    environments: list[Environment]


class ReleaseSummary(Shape):
    number: int
    current: bool
    created: str
    why: str
    restores: Annotated[int | None, Field(description="The release that it repeats, after a rollback.")]
    commits: dict[str, Commit]
    outcome: str
    at: At | None
    reason: str


class Releases(Shape):
    releases: list[ReleaseSummary]
    next: Next


class Task(Shape):
    cpu: str | None
    memory: str | None
    count: int


class Cost(Shape):
    dollars_a_month: float
    prices: Annotated[str, Field(description="Whose list prices, and of when.")]


class Function(Shape):
    memory: int
    timeout: int


class Part(Shape):
    name: str
    began: Annotated[float, Field(description="Seconds after the start of the run.")]
    seconds: float
    depth: int


class Run(Shape):
    seconds: float
    new_content: Annotated[float | None, Field(description="Seconds until a new version answered.")]
    parts: list[Part]


class Release(ReleaseSummary):
    layout: str
    replaces: int | None
    images: dict[str, str]
    left_out: Annotated[dict[str, str], Field(description="Why a source is not at its head.")]
    task: Task
    cost: Cost | None
    api: Function | None
    deployments: list[Entry]
    run: Run | None


class Change(Shape, Generic[Value]):
    before: Annotated[Value | None, Field(alias="from")]
    after: Annotated[Value | None, Field(alias="to")]


class Diff(Shape):
    older: Annotated[int, Field(alias="from")]
    newer: Annotated[int, Field(alias="to")]
    commits: dict[str, Change[Commit]]
    images: dict[str, Change[str]]
    settings: Annotated[list[str], Field(description="Names of the settings that differ, no values.")]


class Trigger(Shape):
    title: str
    way: str | None
    at: At
    source: str | None
    before: str | None
    after: str | None
    by: Annotated[str | None, Field(description="Given on the own machine only.")] = None
    state: str


class EndedTrigger(Trigger):
    ended: At | None
    release: int | None
    why: str


class Queue(Shape):
    waiting: list[Trigger]
    ended: list[EndedTrigger]
    waiting_known: Annotated[bool, Field(description="False if this API reads no queue.")]


class Export(Shape):
    name: str
    path: str


class Exports(Shape):
    exports: list[Export]
