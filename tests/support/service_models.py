"""Parse each of botocore's service models once for all tests."""

from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader


def share_service_models() -> None:
    """Let botocore's sessions share what they read: many tests have one, and EC2's model is 4 MB."""
    read = JSONFileLoader().load_file

    @cache
    def read_once(path: str) -> Any:
        return read(path)

    JSONFileLoader.load_file = lambda _, path: read_once(path)  # type: ignore[method-assign]
