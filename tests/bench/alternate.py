"""Cold builds of tandem and of umoci with skopeo in turns: other load on the machine slows both.

`python -m tests.bench.alternate --megabytes 2250`
"""

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from tests.bench.content import Content
from tests.bench.other_tools import other_tools
from tests.bench.run import push_base
from tests.bench.tandem_builds import TandemBuilds
from tests.registry import server

TURNS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2250)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as place:
        folder = Path(place)
        content = Content(folder, options.megabytes * 10**6)
        first = content.make()
        content.checkout(first, folder / "work/content")
        for turn in range(1, TURNS + 1):
            for name, measured in (("tandem", _tandem), ("umoci + skopeo", _umoci)):
                registry = folder / "registry"
                registry.mkdir()
                with server.running(registry) as host:
                    seconds = measured(folder, content, first, host)
                shutil.rmtree(registry)
                print(f"{turn}  {name:15} {seconds:6.2f} s  load {os.getloadavg()[0]:.1f}", flush=True)


def _tandem(folder: Path, content: Content, first: str, host: str) -> float:
    base = push_base(host, server.program("busybox-static", "bin/busybox"))
    builds = TandemBuilds(content, base, folder / "registry", folder / "cache")
    row, _ = builds.case("cold", builds.request(first, "tandem"), content.total)
    return row.total


def _umoci(folder: Path, _content: Content, _first: str, host: str) -> float:
    with other_tools(host, folder, server.program("busybox-static", "bin/busybox")) as tools:
        build, push = tools[-1].go(folder / "work", 1)
    shutil.rmtree(folder / "layout")
    return build + push


if __name__ == "__main__":
    main()
