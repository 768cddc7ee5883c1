"""Memory and file descriptors of running processes, and whether they grow. Linux, as root."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1_000_000
_PROC = Path("/proc")
# What a process may grow by besides: caches that fill, a pool that gets one more thread.
_SPARE_MEMORY, _SPARE_SHARE, _SPARE_FILES = 8 * MEGABYTE, 0.10, 20


@dataclass(frozen=True)
class Usage:
    """One process: private memory in bytes, open file descriptors."""

    memory: int
    files: int


@dataclass(frozen=True)
class Process:
    """One process, and the part of the stack that it belongs to."""

    part: str
    pid: int
    began: str
    """When it began, in the kernel's ticks: a pid may be given again."""


def usage(processes: Iterable[Process]) -> dict[Process, Usage]:
    """The usage of each process that still runs."""
    return {each: used for each in processes if (used := _usage(each))}


def process(part: str, pid: int) -> Process | None:
    """The process with this pid; None if there is none."""
    try:
        began = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None
    return Process(part, pid, began)


def _usage(known: Process) -> Usage | None:
    folder = _PROC / str(known.pid)
    try:
        if process(known.part, known.pid) != known:
            return None
        lines = (folder / "status").read_text().splitlines()
        memory = next((line.split()[1] for line in lines if line.startswith("RssAnon:")), "0")
        return Usage(int(memory) * 1024, len(list((folder / "fd").iterdir())))
    except OSError:
        return None


@dataclass(frozen=True)
class Growth:
    """A part of the stack before and after: sums over the processes that ran all the time."""

    part: str
    processes: int
    before: Usage
    after: Usage
    problem: str

    def __str__(self) -> str:
        before, after = (each.memory / MEGABYTE for each in (self.before, self.after))
        return (
            f"{self.part:<16} {self.processes:>3}  {before:>7.1f} MB {after:>7.1f} MB  "
            f"{self.before.files:>5} {self.after.files:>5}  {self.problem or 'steady'}"
        )


HEADING = f"{'part':<16} {'':>3}  {'memory':>10} {'after':>10}  {'files':>5} {'after':>5}"


def growth(before: Mapping[Process, Usage], after: Mapping[Process, Usage]) -> list[Growth]:
    """Each part, with its problem if one of its processes grew or none ran all the time."""
    parts = sorted({each.part for each in before})
    return [_growth(part, before, after) for part in parts]


def _growth(part: str, before: Mapping[Process, Usage], after: Mapping[Process, Usage]) -> Growth:
    stayed = [each for each in before if each.part == part and each in after]
    problems = (_problem(before[each], after[each]) for each in stayed)
    problem = next(filter(None, problems), "") if stayed else "no process ran all the time"
    return Growth(part, len(stayed), _sum(before, stayed), _sum(after, stayed), problem)


def _sum(used: Mapping[Process, Usage], processes: Iterable[Process]) -> Usage:
    usages = [used[each] for each in processes]
    return Usage(sum(each.memory for each in usages), sum(each.files for each in usages))


def _problem(before: Usage, after: Usage) -> str:
    more = after.memory - before.memory
    if more > max(_SPARE_MEMORY, _SPARE_SHARE * before.memory):
        return f"GROWS by {more / MEGABYTE:.0f} MB"
    if after.files - before.files > _SPARE_FILES:
        return f"GROWS by {after.files - before.files} files"
    return ""
