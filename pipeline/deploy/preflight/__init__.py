"""Check before anything changes that everything a release names exists and can be used.

Each file checks one kind of thing; a check yields findings and changes nothing. `Preflight` runs all checks,
several at once, and reports all findings together. The room imports `aws`, `registry` and `render`; the check
of exit codes also runs containers on this machine's Docker.
"""

from pipeline.deploy.preflight.preflight import Finding, Preflight

__all__ = ["Finding", "Preflight"]
