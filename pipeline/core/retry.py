"""Retry what may fail for a while: stamina, without its log lines between the lines of a command."""

from stamina import RetryingCaller, retry_context
from stamina.instrumentation import set_on_retry_hooks

__all__ = ["RetryingCaller", "retry_context"]

set_on_retry_hooks(())
