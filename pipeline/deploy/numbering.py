"""The number of a release: a new one, or that of the same release whose run was cut off."""

from dataclasses import replace

from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Outcome, Store

_UNFINISHED = frozenset({Outcome.STARTED, Outcome.WAITING, Outcome.APPROVED})


def with_number(store: Store, candidate: Release) -> Release:
    """The stored release with the content of `candidate`, which gets a number now unless it has one."""
    return _unfinished(store, candidate) or store.add(replace(candidate, replaces=store.state().current))


def _unfinished(store: Store, candidate: Release) -> Release | None:
    """The newest release if it has the same content and its run was cut off, or it waits; else None."""
    latest = store.latest()
    if latest is None or latest.content() != candidate.content():
        return None
    last = store.last_of(latest.number)
    return latest if last is None or last.outcome in _UNFINISHED else None
