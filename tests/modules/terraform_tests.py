"""`terraform test` of several folders at the same time: one of them uses one core, and needs a provider."""

import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue

from tests.modules.provider import shared_provider

Completed = subprocess.CompletedProcess[str]


class TerraformTests:
    """Tests folders with the providers in `providers`; each of them serves one folder at a time."""

    def __init__(self, providers: Sequence[Mapping[str, str]], work: Path) -> None:
        self._idle: SimpleQueue[Mapping[str, str]] = SimpleQueue()
        for provider in providers:
            self._idle.put(provider)
        self._work = work
        self._running: set[subprocess.Popen[str]] = set()
        self._has_ended = False
        self._starting = threading.Lock()

    def run(self, folder: Path) -> Completed:
        """The first of `init` and `test` that fails, or what `test` says."""
        provider = self._idle.get()
        try:
            env = {**provider, "TF_DATA_DIR": str(self._work / folder.name)}
            ready = self._terraform(folder, env, "init", "-backend=false")
            return ready if ready.returncode else self._terraform(folder, env, "test")
        finally:
            self._idle.put(provider)

    def end(self) -> None:
        """End the terraform processes that run, and start no more."""
        with self._starting:
            self._has_ended = True
        for process in tuple(self._running):
            with suppress(OSError):
                process.terminate()

    def _terraform(self, folder: Path, env: Mapping[str, str], *argv: str) -> Completed:
        command = ["terraform", *argv, "-no-color"]
        pipe = subprocess.PIPE
        with self._starting:
            if self._has_ended:
                return subprocess.CompletedProcess(command, -signal.SIGTERM, "", "")
            process = subprocess.Popen(command, cwd=folder, env=env, text=True, stdout=pipe, stderr=pipe)
            self._running.add(process)
        with process:
            output, errors = process.communicate()
        self._running.discard(process)
        return subprocess.CompletedProcess(command, process.returncode, output, errors)


@contextmanager
def outcomes_of(
    folders: Sequence[Path], work: Path, at_once: int
) -> Iterator[Mapping[Path, Future[Completed]]]:
    """What `terraform test` says of each folder, as it becomes known; `at_once` are tested at a time."""
    with ExitStack() as stack:
        providers = []
        for number in range(min(at_once, len(folders))):
            home = work / f"provider{number}"
            home.mkdir()
            providers.append(stack.enter_context(shared_provider(home)))
        tests = TerraformTests(providers, work)
        pool = stack.enter_context(ThreadPoolExecutor(at_once))
        try:
            yield {
                folder: pool.submit(tests.run, folder) for folder in sorted(folders, key=_size, reverse=True)
            }
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            tests.end()


def _size(folder: Path) -> int:
    """The bytes of a folder's tests: the longest ones have to begin first."""
    return sum(file.stat().st_size for file in folder.glob("tests/*.hcl"))
