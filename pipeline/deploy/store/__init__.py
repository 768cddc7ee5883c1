"""Numbered immutable releases, which of them runs, and the trail of what was done to it."""

from pipeline.deploy.store.store import Deployment, Outcome, Store

__all__ = ["Deployment", "Outcome", "Store"]
