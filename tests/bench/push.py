"""Measure pushes on a stack of its own: `python -m tests.bench.push`, or `make bench-push`.

For each layout and size of content: a page of the app changes, then one file of the content. Measured from
the start of `git push` to the first visitor who gets the new version, to the last who gets the old one, and
to the prompt; with the waterfall of the release. Visitors are new clients without a cookie, twenty a second.

Prints a table for docs/internals/benchmarks.md, and the waterfalls. Each source gets at least one measured
push at each layout and size; `--minutes` bounds the others.
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
from typing import Self
from urllib.parse import urlsplit

from pipeline.core.values import Source
from pipeline.deploy.store import Store
from pipeline.git.command import git_text, run_git
from pipeline.local.stack import docker_client
from pipeline.records import machine, waterfall
from pipeline.records.run_record import RunRecord
from tests.e2e.stack import WHO, LocalStack, make_project
from tests.support.waiting import until

EVERY = 0.05  # seconds between two visitors
_REMOVAL = 600.0  # seconds that Docker may take to delete the volumes of tasks that have ended
FILES = {"app": ("html/bench.html", "/bench.html"), "static": ("bench.txt", "/static/bench.txt")}
"""By source: the file that changes, and the path that visitors request."""


@dataclass(frozen=True)
class Case:
    """A project of its own: how app and content meet, and how much content there is."""

    layout: str
    megabytes: int

    def __str__(self) -> str:
        return f"{self.layout}, {self.megabytes} MB"


@dataclass(frozen=True)
class Push:
    """One measured push; seconds since `git push` began. `bake` of the prompt's seconds only watch."""

    case: Case
    source: str
    first_new: float
    last_old: float
    prompt: float
    run: RunRecord

    def line(self) -> str:
        prompt = self.prompt - self.run.bake
        return (
            f"{self.case!s:<16}  {self.source:<6}  first new {self.first_new:5.1f} s  "
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


@dataclass(frozen=True)
class Budget:
    """The seconds that the pushes of one size may take, from the making of its stack on."""

    ends: float

    @classmethod
    def share(cls, ends: float, sizes_left: int, now: float) -> Self:
        """An equal share of the time that is left until `ends`."""
        return cls(now + max(ends - now, 0) / sizes_left)

    def allows(self, done: int, last: float, now: float) -> bool:
        """Whether one more round of pushes fits, if it takes as long as the `last`; the first always does."""
        return done == 0 or now + last <= self.ends


def count_volumes() -> int:
    """How many volumes Docker has; those that it is deleting count."""
    client = docker_client()
    try:
        return len(client.volumes.list())
    finally:
        client.close()


def measure(local: LocalStack, clone: Path, source: str, case: Case, volumes: int) -> Push:
    """Push one change, and wait until the prompt is back.

    It begins when there are no more `volumes` than those of one release: to delete gigabytes of ended tasks
    slows down whatever writes meanwhile.
    """
    until(lambda: count_volumes() <= volumes, _REMOVAL, what="the volumes of ended tasks are gone", every=0.5)
    text = f"version {time.time_ns()}\n"
    change(local, clone, source, text)
    with Visitors(f"{local.url}{FILES[source][1]}") as visitors:
        time.sleep(0.5)
        began = time.monotonic()
        output = local.push(clone).stderr
        prompt = time.monotonic() - began
        time.sleep(0.5)
    new = [at for at, version in visitors.seen if version == text]
    old = [at for at, version in visitors.seen if version != text]
    if not new:
        raise SystemExit(f"nobody got the new {FILES[source][1]}:\n{output}")
    store = Store.in_folder(local.project.state / "local" / "releases", "local")
    return Push(case, source, new[0] - began, old[-1] - began, prompt, next(store.runs()))


def pushes(folder: Path, case: Case, runs: int, budget: Budget) -> Iterator[Push]:
    """Measure up to `runs` pushes to each source on a new stack, which is removed at the end."""
    folder.mkdir()
    began = time.monotonic()
    progress(f"{case}: making content, platform, images and the first release")
    local = LocalStack(make_project(folder, bulk=f"{case.megabytes} MB", layout=case.layout))
    try:
        local.tandem("apply", "--env", "local")  # `up` would build bloated images, too, for many minutes
        progress(f"{case}: released after {time.monotonic() - began:.0f} s")
        volumes = count_volumes()
        clones = {source: folder / f"clone-{source}" for source in FILES}
        for source, clone in clones.items():
            run_git(
                "clone", "--quiet", "--shared", "--no-checkout", str(local.repository(source)), str(clone)
            )
        began = time.monotonic()
        for source, clone in clones.items():
            measure(local, clone, source, case, volumes)  # the first makes the file
        for done in range(runs):
            last, began = time.monotonic() - began, time.monotonic()
            if not budget.allows(done, last, began):
                progress(f"{case}: the time is over after {done} of {runs} pushes to each source")
                break
            for source, clone in clones.items():
                yield measure(local, clone, source, case, volumes)
    finally:
        local.tandem("down", check=False)


def progress(text: str) -> None:
    """Say to the person who waits where the measurement is."""
    print(text, file=sys.stderr, flush=True)


HEAD = (
    "| layout | content | push to | pushes | first new | only new | prompt, without bake | bake |\n"
    "|---|---|---|---:|---:|---:|---:|---:|"
)


def summary(measured: list[Push]) -> list[str]:
    """A table of the medians of each layout, size and source, then the waterfall of each median push."""
    rows, waterfalls = [], []
    for case, source in dict.fromkeys((push.case, push.source) for push in measured):
        group = sorted((push for push in measured if (push.case, push.source) == (case, source)), key=_prompt)
        middle = group[len(group) // 2]
        title = f"{case}, {source}"
        rows.append(_row(group))
        waterfalls += ["", f"{title}:", "", *(f" {line}" for line in waterfall.lines(middle.run))]
    return [f"Medians, on {machine.describe()}.", "", HEAD, *rows, *waterfalls]


def _row(group: list[Push]) -> str:
    values = [
        statistics.median(value(push) for push in group)
        for value in (_first_new, _last_old, _prompt, lambda push: push.run.bake)
    ]
    seconds = " | ".join(f"{value:.1f} s" for value in values)
    case = group[0].case
    return f"| {case.layout} | {case.megabytes} MB | {group[0].source} | {len(group)} | {seconds} |"


def _first_new(push: Push) -> float:
    return push.first_new


def _last_old(push: Push) -> float:
    return push.last_old


def _prompt(push: Push) -> float:
    return push.prompt - push.run.bake


def main() -> None:
    """Measure, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layouts", default="sidecar,fused", help="how app and content meet in a task")
    parser.add_argument("--megabytes", default="150,2250", help="sizes of the content")
    parser.add_argument("--runs", type=int, default=3, help="pushes to each source")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="needs 15 GB")
    parser.add_argument("--minutes", type=float, default=40, help="no push begins that would end later")
    options = parser.parse_args()
    ends = time.monotonic() + 60 * options.minutes
    sizes = [int(size) for size in options.megabytes.split(",")]
    cases = [Case(layout, size) for size in sizes for layout in options.layouts.split(",")]
    measured: list[Push] = []
    with tempfile.TemporaryDirectory(prefix="tandem-push-", dir=options.folder) as folder:
        for number, case in enumerate(cases):
            budget = Budget.share(ends, len(cases) - number, time.monotonic())
            for push in pushes(Path(folder, str(number)), case, options.runs, budget):
                measured.append(push)
                progress(push.line())
    print("\n".join(summary(measured)))


if __name__ == "__main__":
    main()
