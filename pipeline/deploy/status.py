"""How an environment stands: what was released, what runs, and where the two differ."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.deploy import live as running
from pipeline.deploy import plan
from pipeline.deploy.live import Running
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Outcome, Store, lock
from render.diff import Change


@dataclass(frozen=True)
class Standing:
    """`release` by the store's word, `running` by AWS's; `by_hand` is what someone changed since.

    `lock` says who is at work, and is empty where nobody is. Then only `by_hand` is looked at: during a
    rollout what runs differs from what was released by design.
    """

    environment: str
    url: str
    release: Release | None
    since: str
    running: Running
    by_hand: tuple[Change, ...]
    lock: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "environment": self.environment,
            "url": self.url,
            "release": self.release.number if self.release else None,
            "since": self.since,
            "commits": {source.value: commit.id for source, commit in self._commits.items()},
            "task_definition": self.running.task_definition_arn,
            "desired": self.running.desired,
            "running": self.running.running,
            "api": _shares(self.running),
            "by_hand": [asdict(change) for change in self.by_hand],
            "lock": self.lock,
        }

    def lines(self) -> list[str]:
        """For people."""
        if self.release is None:
            return [f"url      {self.url}", "release  none yet"]
        shares = ", ".join(f"version {version} {share} %" for version, share in _shares(self.running).items())
        now = self.running
        return [
            f"url      {self.url}",
            f"release  {self.release.number}, layout {self.release.layout}, since {self.since}",
            *(
                f"  {source.value:<8} commit {commit.id[:10]}  {commit.subject}"
                for source, commit in sorted(self._commits.items())
            ),
            f"tasks    {now.running} of {now.desired} run {now.task_definition_arn.rpartition('/')[2]}",
            *([f"api      {shares}"] if shares else []),
            *([f"at work  {self.lock}"] if self.lock else self._drift()),
        ]

    @property
    def _commits(self) -> Mapping[Any, Any]:
        return self.release.commits if self.release else {}

    def _drift(self) -> list[str]:
        if not self.by_hand:
            return ["drift    none: what runs is what was released"]
        return ["drift    changed by hand since the release:", *(f"  {change}" for change in self.by_hand)]


def look(environment: str, url: str, platform: Mapping[str, Any], store: Store) -> Standing:
    """Ask the store and AWS; `url` is where the site answers."""
    release, now, state = store.current(), running.look(platform), store.state()
    at_work = state.holder is not None and not lock.is_dead(state.holder)
    return Standing(
        environment=environment,
        url=url,
        release=release,
        since=_since(store, release) if release else "",
        running=now,
        by_hand=() if at_work else tuple(plan.by_hand(release, now)),
        lock=lock.described(state.holder) if state.holder and at_work else "",
    )


def _since(store: Store, release: Release) -> str:
    """When it was recorded as succeeded last, and by whom."""
    entries = [entry for entry in store.trail() if entry.release == release.number]
    ended = next((entry for entry in reversed(entries) if entry.outcome is Outcome.SUCCEEDED), None)
    return f"{ended.at} by {ended.by}" if ended else release.created


def _shares(now: Running) -> dict[str, int]:
    """Percent of the API's traffic by version."""
    if not now.alias_version:
        return {}
    extra = {version: round(share * 100) for version, share in now.alias_weights.items() if share}
    return {now.alias_version: 100 - sum(extra.values()), **extra}
