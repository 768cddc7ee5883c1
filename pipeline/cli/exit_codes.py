"""The exit codes of `tandem`: the one place that defines and explains them."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a shell or CI learns from a command. Typer itself exits with 2 on wrong usage."""

    OK = 0
    FAILED = 1
    CHANGES = 2
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.FAILED: "failed, or a check found a problem",
    ExitCode.CHANGES: "`plan` found changes; or wrong usage of any command",
    ExitCode.INTERRUPTED: "interrupted; run the same command again to finish",
}


def explained() -> str:
    """All codes in one line, for `tandem --help`."""
    return "Exit codes: " + ". ".join(f"{code.value}: {meaning}" for code, meaning in MEANINGS.items()) + "."
