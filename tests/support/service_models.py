"""Find and parse each of botocore's service models once for all tests."""

from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader, Loader


def share_service_models() -> None:
    """Let botocore's sessions share what they read: many tests have one, and EC2's model is 4 MB."""
    _share_files()
    _share_names()


def _share_files() -> None:
    read = JSONFileLoader().load_file

    @cache
    def read_once(path: str) -> Any:
        return read(path)

    JSONFileLoader.load_file = lambda _, path: read_once(path)  # type: ignore[method-assign]


def _share_names() -> None:
    """For its first client a session looks into the folders of all 400 services, twice."""
    find: Any = Loader.list_available_services
    known: dict[tuple[str, ...], list[str]] = {}

    def names(loader: Loader, type_name: str) -> list[str]:
        where = (type_name, *loader.search_paths)
        if where not in known:
            known[where] = find(loader, type_name)
        return known[where]

    Loader.list_available_services = names  # type: ignore[assignment, method-assign]
