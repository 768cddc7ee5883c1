"""Numbered immutable releases, which of them runs, and the trail of what was done to it."""

from pipeline.deploy.store.store import Outcome, Store, TrailEntry

__all__ = ["Outcome", "Store", "TrailEntry"]
