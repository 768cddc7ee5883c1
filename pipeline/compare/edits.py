"""Choose the file that a scenario changes: one that an image copies, and that can take a comment."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from pipeline.core.paths import IMAGES
from pipeline.core.settings import SourceSettings
from pipeline.core.values import Source
from pipeline.images.dockerfile import read_dockerfile
from pipeline.images.stages import of_image, up_to_stage

_MARKUP, _BLOCK, _HASH, _PLAIN = "\n<!-- {} -->\n", "\n/* {} */\n", "\n# {}\n", "\n{}\n"
_COMMENTS: Mapping[str, str] = {
    **dict.fromkeys((".html", ".htm", ".svg", ".xml"), _MARKUP),
    **dict.fromkeys((".css", ".js", ".mjs"), _BLOCK),
    **dict.fromkeys((".conf", ".sh", ".py", ".yml", ".yaml"), _HASH),
    **dict.fromkeys((".txt",), _PLAIN),
    **dict.fromkeys((".md",), _MARKUP),
}
"""How a line is added to a file, by its suffix; pages come first, notes come last."""


def editable(names: Iterable[str], copied: Sequence[str]) -> str:
    """The file of `names` that is changed: pages before notes; empty if there is none.

    Only files that are under `copied` count, the paths that the image's Dockerfile copies.
    """
    order = {suffix: place for place, suffix in enumerate(_COMMENTS)}
    candidates = [
        name
        for name in names
        if PurePosixPath(name).suffix in order and any(_is_under(name, path) for path in copied)
    ]
    return min(candidates, key=lambda name: (order[PurePosixPath(name).suffix], name), default="")


def added_line(name: str, mark: str) -> str:
    """What is appended to the file `name` so that it stays valid."""
    return _COMMENTS[PurePosixPath(name).suffix].format(mark)


def paths_in_image(settings: SourceSettings, source: Source, read: Callable[[str], bytes]) -> Sequence[str]:
    """The paths of `source` that its Dockerfile copies into the image; `read` gives a file of its commit.

    Raises:
        TandemError: The Dockerfile cannot be read, or has no such stage as the settings name.
    """
    if settings.dockerfile:
        path = PurePosixPath(settings.path) / settings.dockerfile
        return copied_paths(read(str(path)).decode(errors="replace"), settings.target, source)
    if source is Source.STATIC:
        return (".",)
    return copied_paths((IMAGES / source.value / "Dockerfile").read_text(encoding="utf-8"))


def copied_paths(dockerfile: str, target: str = "", source: Source = Source.APP) -> list[str]:
    """The paths of the build context that a Dockerfile copies into the image; `.` is all of it.

    Raises:
        TandemError: It has no stage `target`.
    """
    built = up_to_stage(read_dockerfile(dockerfile), target, f"source {source}", source)
    paths: list[str] = []
    for item in of_image(built):
        if item.name in {"COPY", "ADD"} and not any(flag.startswith("--from=") for flag in item.flags):
            words = item.words or item.text.split()
            paths += [
                re.split(r"[*?\[$]", word)[0].removeprefix("./").strip("/") or "." for word in words[:-1]
            ]
    return paths


def _is_under(name: str, path: str) -> bool:
    # A path with a pattern was cut at it, and may end within a name.
    return path == "." or name.startswith(path)
