"""What a store's trail tells about releases."""

from pipeline.deploy.store import Outcome, Store


def last_succeeded(store: Store, *, before: int | None = None) -> int | None:
    """The release that most recently succeeded; with `before`, the most recent other than it."""
    succeeded = [entry.release for entry in store.trail() if entry.outcome is Outcome.SUCCEEDED]
    return next((number for number in reversed(succeeded) if number != before), None)
