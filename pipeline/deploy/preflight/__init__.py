"""Prove before anything changes that everything a release names exists and may be used.

One file holds the checks of one kind of thing; each check yields findings and changes nothing. All checks
run, several at once, and all findings are told together. The room imports `aws`, `registry` and `render`;
only the check of exit codes runs anything, on this machine's Docker.
"""

from pipeline.deploy.preflight.preflight import Finding, Preflight

__all__ = ["Finding", "Preflight"]
