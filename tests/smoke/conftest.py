"""The checks run by `tandem check` alone: without what it hands over there is nothing to look at."""

import os


def pytest_collection_modifyitems(items):
    if "TANDEM_CHECK" not in os.environ:
        items[:] = [item for item in items if "tests/smoke" not in item.nodeid]
