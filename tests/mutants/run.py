"""Change safety-relevant lines one by one, in copies of the project, and see that tests notice each change.

    .venv/bin/python -m tests.mutants.run [--only WORD] [--jobs N]

Prints `killed` or `SURVIVED` for each mutant; exits with 1 if one survived.
"""

import argparse
import compileall
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode
from queue import Queue

from tests.mutants.forked import NO_MEMORY, preload, run_forked
from tests.mutants.mutant import Mutant, OutdatedError, load_mutants
from tests.support.folders import in_memory

PROJECT = Path(__file__).parents[2]
_PASSED, _FAILED = 0, 1  # pytest's exit codes; the others mean that it could not run the tests
_SECONDS = 3600
"""For all tests on the code as it is."""


class BrokenRunError(Exception):
    """The tests fail without any change, or could not run."""


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant, and the first test that noticed it."""

    mutant: Mutant
    is_killed: bool
    noticed_by: str
    seconds: float

    def __str__(self) -> str:
        word = "killed  " if self.is_killed else "SURVIVED"
        return f"{word} {self.seconds:5.1f} s  {self.mutant.name}  [{self.noticed_by}]"


@dataclass(frozen=True)
class Copy:
    """A copy of the project's files, which one mutant at a time changes."""

    root: Path

    @classmethod
    def make(cls, project: Path, root: Path) -> "Copy":
        """Copy what git knows, and what it does not know yet, to the new folder `root`."""
        listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listing, cwd=project, check=True, capture_output=True).stdout.decode()
        for name in filter(None, names.split("\0")):
            if (project / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(project / name, root / name)
        # By their content: a mutant may have the time and size of the original.
        mode = PycInvalidationMode.CHECKED_HASH
        for folder in ("pipeline", "render", "tests"):
            compileall.compile_dir(root / folder, quiet=2, invalidation_mode=mode)
        return cls(root)

    def try_out(self, mutant: Mutant) -> Outcome:
        """Run the mutant's tests on the changed code, then put the original back.

        Raises:
            BrokenRunError: the tests could not run.
            OutdatedError: the mutant no longer fits the code.
        """
        began = time.monotonic()
        file, changed = mutant.find(self.root)
        original = file.read_text(encoding="utf-8")
        if file.suffix == ".py":
            compile(changed, str(file), "exec")
        file.write_text(changed, encoding="utf-8")
        try:
            failed = self.failed_tests(mutant.tests, mutant.name, mutant.seconds, "-x")
        finally:
            file.write_text(original, encoding="utf-8")
        return Outcome(mutant, bool(failed), ", ".join(failed), time.monotonic() - began)

    def failed_tests(self, tests: Sequence[str], name: str, seconds: int, *options: str) -> list[str]:
        """The tests that fail, of `tests`, within so many seconds.

        Raises:
            BrokenRunError: they could not run; the message begins with `name`.
        """
        argv = ["-rfE", "--no-header", "--tb=line", "-p", "no:cacheprovider", *options]
        argv += [f"--basetemp={self.root}.tmp", "-m", "not docker and not stack", *tests]
        code, output = run_forked(self.root, argv, seconds)
        if code is None:
            return [f"no end within {seconds} s"]
        if code < 0:
            return [f"ended by signal {-code}"]
        if code == NO_MEMORY:
            return ["it took all memory"]
        if code not in {_PASSED, _FAILED}:
            raise BrokenRunError(f"{name}: {output[-2000:].strip()}")
        return re.findall(r"^(?:FAILED|ERROR) (\S+)", output, re.MULTILINE)


@contextmanager
def copies(project: Path, count: int) -> Iterator[Queue[Copy]]:
    """`count` copies of the project, to be taken and put back."""
    folder, queue = in_memory(), Queue[Copy]()
    try:
        for number in range(count):
            queue.put(Copy.make(project, folder / str(number)))
        yield queue
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def try_all(project: Path, mutants: Sequence[Mutant], jobs: int) -> Iterator[Outcome]:
    """The outcome of each mutant, in order.

    Raises:
        BrokenRunError: the tests fail without any change, or could not run.
        OutdatedError: a mutant no longer fits the code.
    """
    with copies(project, jobs) as free:

        def in_a_copy(mutant: Mutant) -> Outcome:
            copy = free.get()
            try:
                return copy.try_out(mutant)
            finally:
                free.put(copy)

        _require_green(free, mutants)
        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(in_a_copy, mutants)


def _require_green(free: "Queue[Copy]", mutants: Sequence[Mutant]) -> None:
    """A test that fails anyway would notice every mutant; one that is slow today may try again."""
    copy, name = free.get(), "without any change"
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    failed = copy.failed_tests(tests, name, _SECONDS)
    again = copy.failed_tests(failed, name, _SECONDS) if failed else []
    free.put(copy)
    if again:
        raise BrokenRunError(f"{name}: {', '.join(again)}")


def main(argv: Sequence[str] | None = None, project: Path = PROJECT, lists: Path | None = None) -> int:
    """Try the mutants; 1 if one survived, 2 if they could not be tried."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default="", metavar="WORD", help="mutants whose name or file has this word")
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count() or 1, 8))
    options = parser.parse_args(argv)
    mutants = load_mutants(lists) if lists else load_mutants()
    chosen = [each for each in mutants if options.only in f"{each.name} {each.place}"]
    if not chosen:
        parser.error(f"no mutant has {options.only!r} in its name or file")
    # A shell ignores SIGINT for what it runs in the background; tests that interrupt something would too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the copies are removed
    survived = 0
    preload()
    try:
        for outcome in try_all(project, chosen, options.jobs):
            print(outcome, flush=True)
            survived += not outcome.is_killed
    except (BrokenRunError, OutdatedError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{len(chosen)} mutants: {len(chosen) - survived} killed, {survived} survived")
    return 1 if survived or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
