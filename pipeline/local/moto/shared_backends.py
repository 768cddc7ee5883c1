"""Copy objects of moto without the services that they refer to.

moto copies a function when it publishes a version or lists all. A function refers to CloudWatch Logs: each
copy would have all log lines, and a line that comes meanwhile would end it with an error.
"""

from moto.core.base_backend import BaseBackend


def _same(self: BaseBackend, memo: object) -> BaseBackend:
    del memo
    return self


def patch() -> None:
    BaseBackend.__deepcopy__ = _same  # type: ignore[attr-defined]
