"""The process of a Docker Engine, from /proc: whether it runs, and since when."""

from pathlib import Path


def is_alive(pid: int, name: str) -> bool:
    """Whether `pid` is a process of that name and not a zombie."""
    try:
        actual, fields = _stat(pid)
    except (OSError, ValueError):
        return False
    return actual == name and fields[0] not in {"Z", "X"}


def start_time(pid: int) -> str:
    """The start time in clock ticks since boot, which tells a process from a later one with its pid."""
    try:
        return _stat(pid)[1][19]
    except (OSError, ValueError):
        return ""


def _stat(pid: int) -> tuple[str, list[str]]:
    """The process's name and the fields after it, from /proc/PID/stat."""
    text = Path(f"/proc/{pid}/stat").read_text()
    return text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
