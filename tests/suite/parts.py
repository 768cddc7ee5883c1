"""What each process of `make test` runs.

Tests with Docker or a browser mostly wait: they are two processes. The third has all other tests. It uses the
processors meanwhile, at a low priority, because the former have time limits.
"""

OTHERS = "other tests"
_ALL = "not faults and not applied"
PARTS = {
    "tests with Docker": f"docker and not stack and not browser and {_ALL}",
    "tests with a stack or a browser": f"(stack or browser) and {_ALL}",
    OTHERS: f"not (docker or stack or browser) and {_ALL}",
}
"""The parts in the order of `run`, as expressions of markers."""
