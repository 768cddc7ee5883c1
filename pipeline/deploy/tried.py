"""Heads that a release has tried already, and that could not run."""

from collections.abc import Collection, Mapping

from pipeline.core.values import Commit, Source
from pipeline.deploy.attention import moved_heads
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Outcome, Store, TrailEntry

_LOOKED_AT = 20  # releases before the newest


def failed_heads(
    store: Store, heads: Mapping[Source, Commit], current: Release | None, pushed: Collection[Source]
) -> dict[Source, str]:
    """Why heads that are not those of `current` and of no source in `pushed` are not tried again.

    A release in which only such a head was new was rolled back, and the head has not run since. Of a release
    with two new heads nobody knows which one is to blame.

    Raises:
        TandemError: the store cannot be read.
    """
    if current is None:
        return {}
    moved = {source: head for source, head in moved_heads(current, heads).items() if source not in {*pushed}}
    unjudged_heads = {*moved.values()}
    verdicts: dict[Commit, str] = {}
    for number in reversed(store.numbers()[-_LOOKED_AT:] if unjudged_heads else ()):
        verdicts |= _verdicts(store, store.get(number), unjudged_heads)
        unjudged_heads -= verdicts.keys()
        if not unjudged_heads:
            break
    return {source: verdicts[head] for source, head in moved.items() if verdicts.get(head)}


def _verdicts(store: Store, release: Release, heads: Collection[Commit]) -> dict[Commit, str]:
    """Why `release` failed, for the head to blame; empty for a head that ran in it. Others are missing."""
    inside = [head for head in heads if _has(release, head)]
    last = store.last_of(release.number) if inside else None
    if last is None:
        return {}
    if last.outcome is Outcome.SUCCEEDED:
        return dict.fromkeys(inside, "")
    # Another end has another cause: a locked state, or a way back that failed as well.
    if last.outcome is not Outcome.ROLLED_BACK:
        return {}
    new = _new_sources(store, release)
    return {head: _reason(store, head, last) for head in inside if new == {head.source}}


def _reason(store: Store, head: Commit, last: TrailEntry) -> str:
    reason = last.reason.partition("\n")[0]
    return (
        f"{head.short} is left out: release {last.release} with it was {last.outcome}: {reason};"
        f" push a fix, or try it again: tandem release --env {store.environment}"
    )


def _new_sources(store: Store, release: Release) -> set[Source]:
    """The sources whose commits are others than in the release that it should have replaced."""
    return set() if release.replaces is None else {*moved_heads(store.get(release.replaces), release.commits)}


def _has(release: Release, head: Commit) -> bool:
    commit = release.commits.get(head.source)
    return commit is not None and commit.id == head.id
