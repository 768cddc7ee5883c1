"""The workloads on a project's own content: which of its files are asked for, and under which path."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import quote

import httpx

from pipeline.compare.serving.balancer import Balancer
from pipeline.compare.serving.workloads import SMALL_FILES, Answer, Requests, Workload
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.values import Source
from pipeline.git import sources
from pipeline.git.validation import LINK
from pipeline.local.waiting import wait_until

_PAGE, _TEXT, _SMALL = 4_000, 60_000, 100_000
_PAGES = frozenset({".html", ".htm"})
_TEXTS = frozenset({".css", ".htm", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".xml"})
_LEAST = 2
"""So many small files are drawn from at random, at least."""
_SECONDS = 30.0
_ANSWER_SECONDS = 5.0


def own_files(project: Project) -> dict[str, int]:
    """Path and bytes of each file of the content's head.

    Raises:
        TandemError: there is no such commit or folder, or a file cannot become part of an image.
    """
    commit = sources.head(project, Source.STATIC)
    store = sources.open_source(project, Source.STATIC)
    tree = store.tree_of(commit.id, project.settings.sources.static.path)
    return {each.path: each.size for each in store.listing(tree) if each.entry.mode != LINK}


def choose(files: Mapping[str, int]) -> dict[Workload, tuple[str, ...]]:
    """The files that each workload asks for; workloads without a file are left out.

    `files` has the bytes of each file by its path. The same files lead to the same choice.
    """
    candidates = {path: size for path, size in files.items() if size and _is_served(path)}
    texts = [path for path in candidates if PurePosixPath(path).suffix in _TEXTS]
    choice = {
        Workload.SMALL_PAGE: _nearest(_PAGE, candidates, (each for each in texts if _is_page(each))),
        Workload.LARGE_ASSET: _nearest(max(candidates.values(), default=0), candidates, candidates),
        Workload.TEXT_GZIP_STATIC: _nearest(
            _TEXT, candidates, (each for each in texts if f"{each}.gz" in files)
        ),
        Workload.TEXT_GZIP: _nearest(
            _TEXT, candidates, (each for each in texts if f"{each}.gz" not in files)
        ),
        Workload.RANDOM_FILES: _spread(sorted(path for path, size in candidates.items() if size <= _SMALL)),
    }
    return {workload: paths for workload, paths in choice.items() if paths}


def requests(paths: Iterable[str], workload: Workload, prefix: str) -> Requests:
    """The requests of a workload for these files, which are served under `prefix`.

    How a server compresses its own content is its own matter: only the layouts must agree.
    """
    is_text = workload in {Workload.TEXT_GZIP, Workload.TEXT_GZIP_STATIC}
    return Requests(tuple(_url(prefix, path) for path in paths), None if is_text else Answer.PLAIN)


def find_prefix(balancer: Balancer, variant: str, project: Project, files: Mapping[str, int]) -> str:
    """The path under which the app serves the content: where the answer has the bytes of one of `files`.

    Tried are `/`, and the ends of `task.content_path`: `/static` and `/srv/static`.

    Raises:
        TandemError: the app serves the file under none of them within half a minute.
    """
    path, size = max(files.items(), key=lambda file: (file[1], file[0]))
    prefixes = list(_prefixes(project.settings.task.content_path))
    matching: list[str] = []
    with httpx.Client(timeout=_ANSWER_SECONDS, trust_env=False) as client:

        def answered() -> bool:
            matching.extend(
                each for each in prefixes if _has_file(client, balancer, variant, (each, path, size))
            )
            return bool(matching)

        wait_until(answered, _SECONDS, every=0.5)
    if not matching:
        raise TandemError(
            f"{variant} serves {path} of the content under none of: {', '.join(f'{p}/' for p in prefixes)}",
            hint='tandem compare serving --size "150 MB"',
        )
    return matching[0]


def _has_file(client: httpx.Client, balancer: Balancer, variant: str, file: tuple[str, str, int]) -> bool:
    prefix, path, size = file
    headers = {"Host": balancer.host(variant), "Accept-Encoding": "identity"}
    try:
        with client.stream("GET", balancer.url + _url(prefix, path), headers=headers) as response:
            length = response.headers.get("content-length")
            return response.status_code == httpx.codes.OK and length == str(size)
    except httpx.HTTPError:
        return False


def _prefixes(content_path: str) -> Iterator[str]:
    parts = PurePosixPath(content_path).parts[1:]
    yield ""
    for start in reversed(range(len(parts))):
        yield "/" + "/".join(parts[start:])


def _url(prefix: str, path: str) -> str:
    return f"{prefix}/{quote(path)}"


def _is_served(path: str) -> bool:
    """Whether a web server is likely to serve the file: no dot file, and no compressed sibling."""
    return not any(part.startswith(".") for part in path.split("/")) and not path.endswith((".gz", ".br"))


def _is_page(path: str) -> bool:
    return PurePosixPath(path).suffix in _PAGES


def _nearest(size: int, sizes: Mapping[str, int], paths: Iterable[str]) -> tuple[str, ...]:
    """The path whose file is nearest to `size` bytes; none if there are no paths."""
    nearest = min(paths, key=lambda path: (abs(sizes[path] - size), path), default=None)
    return () if nearest is None else (nearest,)


def _spread(paths: list[str]) -> tuple[str, ...]:
    """At most `SMALL_FILES` of the paths, spread evenly over all of them; none if there are too few."""
    step = max(len(paths) / SMALL_FILES, 1.0)
    count = min(len(paths), SMALL_FILES)
    return tuple(paths[int(number * step)] for number in range(count)) if count >= _LEAST else ()
