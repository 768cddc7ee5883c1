"""Heads that a release has tried already, and that could not run."""

from collections.abc import Collection, Mapping
from itertools import islice

from pipeline.core.values import Commit, Source
from pipeline.deploy.attention import moved_heads
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Outcome, Store

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
    reasons = {source: _why_failed(store, head) for source, head in moved.items()}
    return {source: why for source, why in reasons.items() if why}


def _why_failed(store: Store, head: Commit) -> str:
    """Why a release failed in which only `head` was new; empty if the head ran since, or never failed so."""
    for number in islice(reversed(store.numbers()), _LOOKED_AT):
        tried = store.get(number)
        last = store.last_of(number) if _has(tried, head) else None
        if last is None:
            continue
        if last.outcome is Outcome.SUCCEEDED:
            return ""
        # Another end has another cause: a locked state, or a way back that failed as well.
        if last.outcome is Outcome.ROLLED_BACK and _new_sources(store, tried) == {head.source}:
            reason = last.reason.partition("\n")[0]
            return (
                f"{head.short} is left out: release {number} with it was {last.outcome}: {reason};"
                f" push a fix, or try it again: tandem release --env {store.environment}"
            )
    return ""


def _new_sources(store: Store, release: Release) -> set[Source]:
    """The sources whose commits are others than in the release that it should have replaced."""
    return set() if release.replaces is None else {*moved_heads(store.get(release.replaces), release.commits)}


def _has(release: Release, head: Commit) -> bool:
    commit = release.commits.get(head.source)
    return commit is not None and commit.id == head.id
