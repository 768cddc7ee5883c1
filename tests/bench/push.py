"""Measure pushes on a stack of its own: `python -m tests.bench.push`, or `make bench-push`.

For each size of content: a page of the app changes, then one file of the content. Measured from the start of
`git push` to the first visitor who gets the new version, to the last who gets the old one, and to the prompt;
with the waterfall of the release. Visitors are new clients without a cookie, twenty each second.
"""

import argparse
import http.client
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pipeline.core.values import Source
from pipeline.deploy.store import Store
from pipeline.git.command import git_text, run_git
from pipeline.records import machine, waterfall
from pipeline.records.run_record import RunRecord
from tests.e2e.stack import WHO, LocalStack, make_project

EVERY = 0.05  # seconds between two visitors
FILES = {"app": ("html/bench.html", "/bench.html"), "static": ("bench.txt", "/static/bench.txt")}
"""By source: the file that changes, and the path that visitors request."""


@dataclass(frozen=True)
class Push:
    """One measured push; seconds since `git push` began. `bake` of the prompt's seconds only watch."""

    megabytes: int
    source: str
    first_new: float
    last_old: float
    prompt: float
    run: RunRecord

    def line(self) -> str:
        prompt = self.prompt - self.run.bake
        return (
            f"{self.megabytes:>5} MB  {self.source:<6}  first new {self.first_new:5.1f} s  "
            f"only new {self.last_old:5.1f} s  prompt {prompt:5.1f} s (and bake {self.run.bake:.1f} s)"
        )


@dataclass
class Visitors:
    """Requests one path over and over; remembers when which version was seen."""

    url: str
    seen: list[tuple[float, str]] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._visit, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _visit(self) -> None:
        url = urlsplit(self.url)
        while not self._done.wait(EVERY):
            connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=10)
            try:
                connection.request("GET", url.path, headers={"Connection": "close"})
                text = connection.getresponse().read().decode(errors="replace")
            except (OSError, http.client.HTTPException) as error:
                text = repr(error)
            connection.close()
            self.seen.append((time.monotonic(), text))


def change(local: LocalStack, clone: Path, source: str, text: str) -> None:
    """Commit one changed file, without a work tree: that of large content takes minutes to check out."""
    path = FILES[source][0]
    git = ("-C", str(clone))
    blob = run_git(*git, "hash-object", "-w", "--stdin", stdin=text.encode()).decode().strip()
    run_git(*git, "read-tree", "HEAD")
    run_git(*git, "update-index", "--add", "--cacheinfo", f"100644,{blob},{_folder(local, source)}{path}")
    tree = git_text(*git, "write-tree")
    commit = git_text(*git, *WHO, "commit-tree", tree, "-p", "HEAD", "-m", f"Say {text}")
    run_git(*git, "update-ref", "HEAD", commit)


def _folder(local: LocalStack, source: str) -> str:
    """The folder of the repository that becomes the image's content, with a slash at its end."""
    folder = local.project.settings.sources[Source(source)].path.strip("/.")
    return f"{folder}/" if folder else ""


def measure(local: LocalStack, clone: Path, source: str, megabytes: int) -> Push:
    """Push one change, and wait until the prompt is back."""
    text = f"version {time.time_ns()}\n"
    change(local, clone, source, text)
    with Visitors(f"{local.url}{FILES[source][1]}") as visitors:
        time.sleep(0.5)
        began = time.monotonic()
        local.push(clone)
        prompt = time.monotonic() - began
        time.sleep(0.5)
    new = [at for at, version in visitors.seen if version == text]
    old = [at for at, version in visitors.seen if version != text]
    if not new:
        raise SystemExit(f"nobody got the new {FILES[source][1]}")
    store = Store.in_folder(local.project.state / "local" / "releases", "local")
    return Push(megabytes, source, new[0] - began, old[-1] - began, prompt, next(store.runs()))


def pushes(folder: Path, megabytes: int, runs: int) -> Iterator[Push]:
    """Measure `runs` pushes to each source on a new stack, which is removed at the end."""
    folder.mkdir()
    local = LocalStack(make_project(folder, bulk=f"{megabytes} MB"))
    try:
        local.tandem("up")
        for source in FILES:
            clone = folder / f"clone-{source}"
            run_git(
                "clone", "--quiet", "--shared", "--no-checkout", str(local.repository(source)), str(clone)
            )
            measure(local, clone, source, megabytes)  # the first push makes the file
            for _ in range(runs):
                yield measure(local, clone, source, megabytes)
    finally:
        local.tandem("down", check=False)


def summary(measured: list[Push]) -> list[str]:
    """The medians of each size and source, and the waterfall of the median push."""
    lines = [machine.describe()]
    for key in dict.fromkeys((push.megabytes, push.source) for push in measured):
        group = sorted((push for push in measured if (push.megabytes, push.source) == key), key=_prompt)
        middle = group[len(group) // 2]
        values: dict[str, Any] = {
            name: statistics.median(getattr(push, name) for push in group)
            for name in ("first_new", "last_old")
        }
        lines += ["", f"median of {len(group)}:", Push(**{**vars(middle), **values}).line()]
        lines += waterfall.lines(middle.run)
    return lines


def _prompt(push: Push) -> float:
    return push.prompt - push.run.bake


def main() -> None:
    """Measure, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", default="150,2250", help="sizes of the content")
    parser.add_argument("--runs", type=int, default=3, help="pushes to each source")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="needs 15 GB")
    options = parser.parse_args()
    measured: list[Push] = []
    with tempfile.TemporaryDirectory(prefix="tandem-push-", dir=options.folder) as folder:
        for size in map(int, options.megabytes.split(",")):
            for push in pushes(Path(folder, str(size)), size, options.runs):
                measured.append(push)
                print(push.line(), file=sys.stderr, flush=True)
    print("\n".join(summary(measured)))


if __name__ == "__main__":
    main()
