"""Retry temporary failures with stamina; its log lines are switched off, as they would mix with messages."""

from stamina import RetryingCaller, retry_context
from stamina.instrumentation import set_on_retry_hooks

__all__ = ["RetryingCaller", "retry_context"]

set_on_retry_hooks(())
