"""What clients ask for, and the files that a generated site has for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

FOLDER = "serving"
"""The folder of these files in the content."""
SMALL_FILES = 10_000
_FOLDER_FILES = 100
PREFIX = "/static"
"""The path under which the example app serves the content."""


class Workload(StrEnum):
    """What the clients of a trial ask for."""

    SMALL_PAGE = "small-page"
    LARGE_ASSET = "large-asset"
    TEXT_GZIP_STATIC = "text-gzip-static"
    TEXT_GZIP = "text-gzip"
    RANDOM_FILES = "random-files"


NAMES = {
    Workload.SMALL_PAGE.value: "small page, 4 kB",
    Workload.LARGE_ASSET.value: "large asset, 4 MB",
    Workload.TEXT_GZIP_STATIC.value: "text, 60 kB, gzip_static",
    Workload.TEXT_GZIP.value: "text, 60 kB, gzipped per request",
    Workload.RANDOM_FILES.value: "10,000 small files at random",
}
"""The workloads as a reader knows them."""


@dataclass(frozen=True)
class Requests:
    """The requests of a workload: paths to draw from at random, and headers."""

    paths: tuple[str, ...]
    headers: tuple[tuple[str, str], ...] = ()


def requests(workload: Workload) -> Requests:
    """What the clients of a trial send."""
    one = {
        Workload.SMALL_PAGE: "page.html",
        Workload.LARGE_ASSET: "asset.bin",
        Workload.TEXT_GZIP_STATIC: "text.js",
        Workload.TEXT_GZIP: "text.htm",
    }
    encoding = (
        (
            "Accept-Encoding",
            "gzip" if workload in {Workload.TEXT_GZIP_STATIC, Workload.TEXT_GZIP} else "identity",
        ),
    )
    if workload is Workload.RANDOM_FILES:
        return Requests(tuple(f"{PREFIX}/{path}" for path in small_paths()), encoding)
    return Requests((f"{PREFIX}/{FOLDER}/{one[workload]}",), encoding)


def small_paths() -> Iterator[str]:
    """The paths of the small files in the content."""
    for number in range(SMALL_FILES):
        yield f"{FOLDER}/small/{number // _FOLDER_FILES:02d}/{number:05d}.txt"
