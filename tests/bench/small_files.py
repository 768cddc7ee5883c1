"""Compare the bytes of a cold build with those of one deflated tar: `python -m tests.bench.small_files`.

Three kinds of content: tiny files that do not shrink (icons), small pages, and a mix with large files.
"""

import io
import random
import resource
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from isal import igzip

from pipeline.images.static import BuildRequest, build
from tests.images.static.conftest import push_base
from tests.images.static.repo import Repo
from tests.registry.memory import running

Tree = dict[str, bytes]


def contents() -> Iterator[tuple[str, Tree]]:
    """Name and files of each content, the same in each run."""
    draw = random.Random(1)  # noqa: S311 - not for secrets
    words = [draw.randbytes(3).hex() for _ in range(3000)]

    def page(count: int) -> bytes:
        return " ".join(draw.choices(words, k=count)).encode()

    yield (
        "20,000 icons of 0.3-0.7 kB",
        {f"sprites/{n % 50:02}/{n:05}.png": draw.randbytes(draw.randrange(300, 700)) for n in range(20_000)},
    )
    yield (
        "10,000 pages of 1-8 kB",
        {f"p{n % 97:02}/{n}.html": page(draw.randrange(150, 1200)) for n in range(10_000)},
    )
    mixed = {f"img/{n}.jpg": draw.randbytes(draw.randrange(5_000, 400_000)) for n in range(150)}
    yield "150 pictures, 1,500 pages", mixed | {f"p/{n}.html": page(600) for n in range(1500)}


def main() -> None:
    print("| content | files | tandem | one tar, igzip -1 | ratio | build, CPU |")
    for name, tree in contents():
        packed, seconds = _tandem(tree)
        peer = _peer(tree)
        size = sum(map(len, tree.values()))
        print(
            f"| {name} | {size / 1e6:.1f} MB | {packed / 1e6:.1f} MB | {peer / 1e6:.1f} MB"
            f" | {packed / peer:.2f} | {seconds:.2f} s |"
        )


def _tandem(tree: Tree) -> tuple[int, float]:
    with tempfile.TemporaryDirectory() as folder, running() as registry:
        repo = Repo(Path(folder, "content.git"))
        commit, base = repo.commit(tree), push_base(registry.host, b"true")
        target, cache = f"{registry.host}/static", Path(folder, "cache")
        before = _cpu()
        built = build(BuildRequest(str(repo.path), commit, target, base, cache))
        return built.bytes, _cpu() - before


def _peer(tree: Tree) -> int:
    raw = io.BytesIO()
    with igzip.open(raw, "wb", compresslevel=1) as out, tarfile.open(fileobj=out, mode="w") as tar:
        for path, content in sorted(tree.items()):
            head = tarfile.TarInfo(f"srv/static/{path}")
            head.size, head.mtime = len(content), int(time.time())
            tar.addfile(head, io.BytesIO(content))
    return len(raw.getvalue())


def _cpu() -> float:
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


if __name__ == "__main__":
    main()
