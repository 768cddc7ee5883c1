"""What clients ask for, and the files that a generated site has for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.compare.build_plan import OWN

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


_NAMES = {
    Workload.SMALL_PAGE.value: "small page, 4 kB",
    Workload.LARGE_ASSET.value: "large asset, 4 MB",
    Workload.TEXT_GZIP_STATIC.value: "text, 60 kB, gzip_static",
    Workload.TEXT_GZIP.value: "text, 60 kB, gzipped per request",
    Workload.RANDOM_FILES.value: "10,000 small files at random",
}
_OWN_NAMES = {
    Workload.SMALL_PAGE.value: "small page",
    Workload.LARGE_ASSET.value: "largest file",
    Workload.TEXT_GZIP_STATIC.value: "text with a compressed file",
    Workload.TEXT_GZIP.value: "text without a compressed file",
    Workload.RANDOM_FILES.value: "small files at random",
}


def names(size: str) -> Mapping[str, str]:
    """The workloads as a reader knows them, on content of that size."""
    return _OWN_NAMES if size == OWN else _NAMES


class Answer(StrEnum):
    """How a workload's answers are encoded."""

    PLAIN = "without compression"
    STORED = "with the compressed file"
    COMPRESSED = "compressed for the request"


@dataclass(frozen=True)
class Requests:
    """The requests of a workload: paths to draw from at random, headers, and how they must be answered."""

    paths: tuple[str, ...]
    answer: Answer | None = Answer.PLAIN
    """None: as the server likes, if it is asked for gzip."""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return (("Accept-Encoding", "identity" if self.answer is Answer.PLAIN else "gzip"),)


def requests(workload: Workload) -> Requests:
    """What the clients of a trial send."""
    if workload is Workload.RANDOM_FILES:
        return Requests(tuple(f"{PREFIX}/{path}" for path in small_paths()))
    name, answer = _ONE_FILE[workload]
    return Requests((f"{PREFIX}/{FOLDER}/{name}",), answer)


_ONE_FILE = {
    Workload.SMALL_PAGE: ("page.html", Answer.PLAIN),
    Workload.LARGE_ASSET: ("asset.bin", Answer.PLAIN),
    Workload.TEXT_GZIP_STATIC: ("text.js", Answer.STORED),
    Workload.TEXT_GZIP: ("text.htm", Answer.COMPRESSED),
}


def answer_of(headers: Mapping[str, str]) -> Answer:
    """How nginx made an answer: it knows the length of a file, not of what it compresses for the request."""
    if headers.get("content-encoding", "identity") == "identity":
        return Answer.PLAIN
    return Answer.STORED if "content-length" in headers else Answer.COMPRESSED


def small_paths() -> Iterator[str]:
    """The paths of the small files in the content."""
    for number in range(SMALL_FILES):
        yield f"{FOLDER}/small/{number // _FOLDER_FILES:02d}/{number:05d}.txt"
