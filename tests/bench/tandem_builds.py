"""Tandem's builds, case by case, each in a process of its own."""

import shutil
import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.core.values import ImageRef
from pipeline.images.static import BuildRequest, BuiltStatic, build
from pipeline.registry.transport import Transport
from tests.bench.content import Content, ContentCommit
from tests.bench.measure import Measurement, apart, stored, timed

TEXT = ("*.css", "*.html", "*.js", "*.json", "*.svg")
REPEATS = 5


@dataclass(frozen=True)
class _Done:
    built: BuiltStatic
    seconds: float
    read: int


@dataclass
class TandemBuilds:
    """Builds of one repository into one registry."""

    content: Content
    base: ImageRef
    registry: Path
    cache: Path

    def request(
        self, commit: str, name: str, predecessor: ImageRef | None = None, **more: object
    ) -> BuildRequest:
        repository = f"{self.base.host}/bench/{name}"
        request = BuildRequest(
            str(self.content.path), commit, repository, self.base, self.cache, predecessor=predecessor
        )
        return replace(request, **more)

    def case(self, name: str, request: BuildRequest, changed: int) -> tuple[Measurement, ImageRef]:
        """Measure one build."""
        before = stored(self.registry)
        done, memory = apart(lambda: _build(request))
        row = Measurement(
            megabytes=self.content.total // 10**6,
            tool="tandem",
            case=name,
            build=done.seconds,
            push=0.0,
            sent=stored(self.registry) - before,
            changed=changed,
            memory=memory,
            read=done.read + _size(request.cache),
        )
        return row, done.built.image

    def repeated(
        self,
        name: str,
        commits: list[ContentCommit],
        start: ImageRef,
        make: Callable[[ContentCommit, ImageRef], BuildRequest],
    ) -> tuple[Measurement, ImageRef]:
        """One build for each commit, on top of one another: the row with the median time."""
        rows, image = [], start
        for commit in commits:
            row, image = self.case(name, make(commit, image), commit.bytes)
            rows.append(row)
        middle = statistics.median_low(row.build for row in rows)
        return next(row for row in rows if row.build == middle), image


def measure(builds: TandemBuilds, first: str) -> list[Measurement]:
    """Measure all cases. The commits are new, so that no cache holds them."""
    content, name = builds.content, "tandem"
    total, some = content.total, max(len(content.files) // 100, 10)
    cold, image = builds.case("cold", builds.request(first, name), total)
    packed, _ = builds.case(
        "cold, with .gz siblings", builds.request(first, "packed", precompress=TEXT), total
    )
    nothing, _ = builds.case("nothing", builds.request(first, name, image), 0)
    rows = [cold, packed, nothing]

    def warm(commit: ContentCommit, before: ImageRef) -> BuildRequest:
        return builds.request(commit.id, name, before)

    for case, count in (("1 file", 1), ("10 files", 10), ("1 % of files", some)):
        commits = [content.change(count, seed) for seed in range(REPEATS if count < some else 1)]
        row, image = builds.repeated(case, commits, image, warm)
        rows.append(row)

    def fresh(commit: ContentCommit, before: ImageRef) -> BuildRequest:
        cache = builds.cache.parent / f"fresh-{commit.id[:8]}"
        return builds.request(commit.id, name, before, source=f"file://{content.path}", cache=cache)

    commits = [content.change(1, seed) for seed in range(10, 10 + REPEATS)]
    row, image = builds.repeated("1 file, fresh machine", commits, image, fresh)
    return [*rows, row]


def _build(request: BuildRequest) -> _Done:
    read, real = [0], Transport._once

    def counted(*arguments: object, **more: object) -> object:
        answer = real(*arguments, **more)  # type: ignore[arg-type]
        read[0] += int(answer.headers.get("Content-Length") or 0) if arguments[1] == "GET" else 0
        return answer

    Transport._once = counted  # type: ignore[method-assign,assignment]
    with timed() as seconds:
        built = build(request)
    return _Done(built, seconds(), read[0])


def _size(cache: Path) -> int:
    """Bytes of what was fetched from git's server."""
    return sum(file.stat().st_size for file in cache.rglob("*.pack"))


def clean(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
