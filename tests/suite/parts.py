"""What each process of `make test` runs.

Tests with Docker or a browser mostly wait. All other tests use the processors meanwhile, at a low priority,
because the former have time limits. Only one process uses Docker: an image that one test removes takes layers
with it that a build of another test is about to reuse.
"""

_DOCKER = "docker or stack or browser"
_ALL = "not faults and not applied"
PARTS = {
    "tests with Docker or a browser": f"({_DOCKER}) and {_ALL}",
    "other tests": f"not ({_DOCKER}) and {_ALL}",
}
"""The parts in the order of `run`, as expressions of markers."""
