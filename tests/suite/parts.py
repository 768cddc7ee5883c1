"""What each process of `make test` runs.

Tests with Docker or a browser mostly wait: those that share one running stack are a process, the others a
second. The third has all other tests. It uses the processors meanwhile, at a low priority, because the former
have time limits.
"""

_DOCKER = "docker or stack or browser"
_ALL = "not faults and not applied"
PARTS = {
    "tests with Docker or a browser": f"(docker or browser) and not stack and {_ALL}",
    "tests with a running stack": f"stack and {_ALL}",
    "other tests": f"not ({_DOCKER}) and {_ALL}",
}
"""The parts in the order of `run`, as expressions of markers."""
