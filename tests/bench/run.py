"""Measure static builds side by side, all in one run: `python -m tests.bench.run`."""

import argparse
import gzip
import io
import json
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from pipeline.core.paths import ROOT
from pipeline.core.values import ImageRef
from pipeline.records import machine
from pipeline.registry import OCI_CONFIG, OCI_LAYER, Blob, Manifest, canonical_json, connect, digest_of
from tests.bench import many_commits, report, tandem_builds
from tests.bench.content import Content
from tests.bench.measure import Measurement, run, stored, timed
from tests.bench.other_tools import OtherTool, other_tools
from tests.registry import server

DOCS = ROOT / "docs" / "internals"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", default="150,750,2250", help="sizes of the content")
    parser.add_argument("--commits", type=int, default=1000, help="commits of the simulated year")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="needs 15 GB")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/internals")
    options = parser.parse_args()
    missing = [name for name in ("docker", "umoci", "skopeo") if not shutil.which(name)]
    if missing:
        parser.error(f"needs {', '.join(missing)}; on Debian: apt-get install docker.io umoci skopeo")
    sizes = [int(size) for size in options.megabytes.split(",")]
    rows: list[Measurement] = []
    with tempfile.TemporaryDirectory(prefix="tandem-bench-", dir=options.folder) as folder:
        simulated: dict[str, float] = {}
        for size in sizes:
            commits = options.commits if size == max(sizes) else 0
            for row in measure(Path(folder, str(size)), size, commits, simulated):
                rows.append(row)
                print(report.line(row), file=sys.stderr, flush=True)
                if options.write:
                    _keep(rows, simulated)
    print(report.table(rows, simulated))
    if options.write:
        report.write(DOCS / "benchmarks.md", machine.describe(), rows, simulated)


def _keep(rows: list[Measurement], simulated: dict[str, float]) -> None:
    """Write the figures so far: a run takes an hour, and may be interrupted."""
    figures = {"machine": machine.describe(), "rows": [asdict(row) for row in rows], "thousand": simulated}
    (DOCS / "benchmarks.json").write_text(json.dumps(figures, indent=2) + "\n")


def measure(folder: Path, megabytes: int, commits: int, simulated: dict[str, float]) -> Iterator[Measurement]:
    """Measure all tools on content of one size; the figures of `commits` more builds go into `simulated`.

    Each tool's registry is removed before the next begins.
    """
    folder.mkdir()
    content = Content(folder, megabytes * 10**6)
    first = content.make()
    box = server.program("busybox-static", "bin/busybox")
    place = folder / "registry-tandem"
    place.mkdir()
    with server.running(place) as host:
        base = push_base(host, box)
        builds = tandem_builds.TandemBuilds(content, base, place, folder / "cache")
        yield from tandem_builds.measure(builds, first)
        if commits:
            simulated |= many_commits.simulate(builds, first, commits)
    shutil.rmtree(place)
    yield from _measure_others(folder, content, first, box)
    shutil.rmtree(folder)


def _measure_others(folder: Path, content: Content, first: str, box: Path) -> Iterator[Measurement]:
    for name in ("docker classic", "docker BuildKit", "umoci + skopeo"):
        work, place = folder / "work", folder / "registry-tool"
        content.checkout(first, work / "content")
        place.mkdir()
        with server.running(place) as host, other_tools(host, folder, box) as tools:
            tool = next(each for each in tools if each.name == name)
            yield from _cases(tool, content, work, place)
        for used in (work, place, folder / "layout"):
            shutil.rmtree(used)


def _cases(tool: OtherTool, content: Content, work: Path, place: Path) -> Iterator[Measurement]:
    size, number = content.total // 10**6, 0

    def case(name: str, changed: int) -> Measurement:
        nonlocal number
        number += 1
        before = stored(place)
        build, push = tool.go(work, number)
        return Measurement(size, tool.name, name, build, push, stored(place) - before, changed)

    cold = case("cold", content.total)
    yield cold
    yield case("nothing", 0)
    # One changed file costs these tools as much as a hundred: the whole folder is one layer.
    commit = content.change(1, 99)
    for path, data in content.read(commit):
        (work / "content" / path).write_bytes(data)
    yield case("1 file", commit.bytes)
    fresh = "1 file, fresh machine"
    with timed() as cloned:
        run("git", "clone", "-q", "--depth=1", f"file://{content.path}", work / "clone")
    shutil.rmtree(work / "clone")
    yield Measurement(size, tool.name, fresh, cloned() + cold.build, cold.push, cold.sent, commit.bytes)


def push_base(host: str, box: Path) -> ImageRef:
    """Push the small image below the content."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        tar.add(box, "bin/busybox")
    layer = Blob.of(gzip.compress(plain.getvalue(), mtime=0), OCI_LAYER)
    rootfs = {"type": "layers", "diff_ids": [str(digest_of(plain.getvalue()))]}
    config = Blob.of(
        canonical_json({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs}), OCI_CONFIG
    )
    for blob in (layer, config):
        connect(host).push_blob("bench/base", blob)
    return connect(host).push_manifest("bench/base", Manifest(config.descriptor, (layer.descriptor,)))


if __name__ == "__main__":
    main()
