"""The status verb: the current release, what runs, and the differences between the two."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from pipeline.aws.access import Aws
from pipeline.aws.ecs import MissingServiceError, ServiceSnapshot, Task, read_service
from pipeline.core.errors import TandemError
from pipeline.core.platform import TASKS, Platform
from pipeline.core.values import Commit, Source
from pipeline.deploy.attention import (
    Attention,
    age,
    last_failure,
    left_unfinished,
    moved_heads,
    recent_errors,
)
from pipeline.deploy.changes import by_hand
from pipeline.deploy.fit import Unmet, fit
from pipeline.deploy.live import LiveState, read_live
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Outcome, Store
from pipeline.deploy.store.holds import Holds, apply_holds
from render.diff import FieldChange


@dataclass(frozen=True)
class EnvironmentStatus:
    """The current `release` in the store, and what runs (`live`) in AWS.

    `since` says when and by whom it was released. `by_hand` are the differences; it is empty while a run
    holds the lock, because they are expected during a rollout. `lock` describes that run.
    """

    environment: str
    url: str
    release: Release | None
    since: str
    live: LiveState
    by_hand: tuple[FieldChange, ...]
    services: Mapping[str, ServiceSnapshot] = field(default_factory=dict)
    """By name: the site's service, and the API's if it runs as tasks."""
    lock: str = ""
    attention: Attention = field(default_factory=Attention)

    def to_dict(self) -> dict[str, Any]:
        """The status as JSON values."""
        return {
            "environment": self.environment,
            "url": self.url,
            "release": self.release.number if self.release else None,
            "since": self.since,
            "commits": {source.value: commit.id for source, commit in self._commits.items()},
            "task_definition": self.live.task_definition_arn,
            "desired": self.live.desired,
            "running": self.live.running,
            "api": _shares(self.live),
            "by_hand": [asdict(change) for change in self.by_hand],
            "services": {name: _service_values(service) for name, service in self.services.items()},
            "lock": self.lock,
            **self.attention.to_dict(),
        }

    def lines(self) -> list[str]:
        """The status for people."""
        if self.release is None:
            return [f"url      {self.url}", "release  none yet", *self._work()]
        shares = ", ".join(f"version {version} {share} %" for version, share in _shares(self.live).items())
        live = self.live
        return [
            f"url      {self.url}",
            f"release  {self.release.number}, layout {self.release.layout}, since {self.since}",
            *(
                f"  {source.value:<8} commit {commit.id[:10]}  {commit.subject}"
                for source, commit in sorted(self._commits.items())
            ),
            f"tasks    {live.running} of {live.desired} run {live.task_definition_arn.rpartition('/')[2]}",
            *([f"api      {shares}"] if shares else []),
            *(line for name, service in self.services.items() for line in _service_lines(name, service)),
            *self.attention.lines(self.environment),
            *self._work(),
        ]

    def _work(self) -> list[str]:
        """A run that holds the lock or was killed; else the drift, which a run explains."""
        unfinished = self.attention.unfinished_line(self.environment)
        if self.lock:
            return [f"at work  {self.lock}"]
        if unfinished:
            return [f"cut off  {unfinished}"]
        return self._drift() if self.release else []

    @property
    def _commits(self) -> Mapping[Any, Any]:
        return self.release.commits if self.release else {}

    def _drift(self) -> list[str]:
        if not self.by_hand:
            return ["drift    none: what runs is what was released"]
        return ["drift    changed by hand since the release:", *(f"  {change}" for change in self.by_hand)]


def read_status(  # noqa: PLR0913, PLR0917 - the parts of a session
    aws: Aws,
    environment: str,
    url: str,
    platform: Platform,
    store: Store,
    heads: Callable[[], Mapping[Source, Commit]] = dict,
    unmet: Unmet = lambda *_: "",
) -> EnvironmentStatus:
    """Read the status from store and AWS; TandemError if one of them refuses.

    `url` is that of the site. `heads` reads the sources' heads, and `unmet` whether they fit; if that
    fails, the status says so.
    """
    release, live, state = store.current(), read_live(aws, platform), store.state()
    is_locked = state.holder is not None and not state.holder.is_dead
    return EnvironmentStatus(
        environment=environment,
        url=url,
        release=release,
        since=_since(store, release) if release else "",
        live=live,
        services=_services(aws, platform),
        by_hand=() if is_locked else tuple(by_hand(release, live)),
        lock=str(state.holder) if state.holder and is_locked else "",
        attention=_attention(aws, platform, store, release, (heads, unmet)),
    )


def _attention(
    aws: Aws,
    platform: Platform,
    store: Store,
    release: Release | None,
    readers: tuple[Callable[[], Mapping[Source, Commit]], Unmet],
) -> Attention:
    moved, unreadable, state = {}, "", store.state()
    waiting: Mapping[Source, str] = {}
    holds = state.holds
    try:
        heads, unmet = readers
        commits = apply_holds(heads(), holds, store.environment)[0]
        fitting, waiting = fit(commits, release, unmet) if release and commits else (commits, {})
        moved = moved_heads(release, fitting)
    except TandemError as error:
        unreadable = error.message.partition("\n")[0]
    return Attention(
        unfinished=left_unfinished(store),
        failed=last_failure(store),
        moved={source: head for source, head in moved.items() if state.same.get(source) != head.id},
        same={source: head for source, head in moved.items() if state.same.get(source) == head.id},
        held={source.value: hold.describe(store.environment) for source, hold in sorted(holds.items())},
        left_out={**_left_out(release, holds), **{source.value: why for source, why in waiting.items()}},
        unreadable=unreadable,
        errors=recent_errors(aws, platform),
    )


def _left_out(release: Release | None, holds: Holds) -> dict[str, str]:
    left_out = release.left_out if release else {}
    return {source: why for source, why in left_out.items() if Source(source) not in holds}


def _since(store: Store, release: Release) -> str:
    """When it was last recorded as succeeded, and by whom."""
    entries = [entry for entry in store.trail() if entry.release == release.number]
    success = next((entry for entry in reversed(entries) if entry.outcome is Outcome.SUCCEEDED), None)
    if success is None:
        return release.created
    return f"{success.at} ({age(datetime.fromisoformat(success.at))} ago) by {success.by}"


def _shares(live: LiveState) -> dict[str, int]:
    """Percent of the API's traffic by version."""
    if not live.alias_version:
        return {}
    extra = {version: round(share * 100) for version, share in live.alias_weights.items() if share}
    return {live.alias_version: 100 - sum(extra.values()), **extra}


def _services(aws: Aws, platform: Platform) -> dict[str, ServiceSnapshot]:
    """The existing services by name; none before the first release."""
    names = [platform.service_name]
    if TASKS in platform.with_planned().runtimes:
        names.append(platform.api_service_name)
    services = {}
    for name in names:
        with suppress(MissingServiceError):
            services[name] = read_service(aws, platform.cluster_name, name)
    return services


def _service_values(service: ServiceSnapshot) -> dict[str, Any]:
    return {
        "desired": service.desired,
        "running": service.running,
        "task_definition": service.task_definition,
        "tasks": [
            {
                "id": task.id,
                "task_definition": task.task_definition,
                "status": task.status,
                "health": task.health,
                "stopped_reason": task.stopped_reason,
                "containers": [asdict(container) for container in task.containers],
            }
            for task in service.tasks
        ],
        "last_event": service.events[0][1] if service.events else "",
    }


def _task_age(task: Task) -> str:
    started_at = task.times.get("startedAt") or task.times.get("createdAt")
    return f" for {age(started_at)}" if started_at else ""


def _service_lines(name: str, service: ServiceSnapshot) -> list[str]:
    tasks = [
        f"  task {task.id[:8]} {task.status} {task.health}{_task_age(task)}  "
        + ", ".join(f"{container.name} {container.status}" for container in task.containers)
        for task in service.tasks
        if task.status != "STOPPED"
    ]
    last_event = [f"  {service.events[0][1]}"] if service.events else []
    return [f"service  {name}: {service.running} of {service.desired} tasks run", *tasks, *last_event]
