"""Choose the file that a scenario changes: one that an image copies, and that can take a comment."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

_MARKUP, _BLOCK, _HASH, _PLAIN = "\n<!-- {} -->\n", "\n/* {} */\n", "\n# {}\n", "\n{}\n"
_COMMENTS: Mapping[str, str] = {
    **dict.fromkeys((".html", ".htm", ".svg", ".xml"), _MARKUP),
    **dict.fromkeys((".css", ".js", ".mjs"), _BLOCK),
    **dict.fromkeys((".conf", ".sh", ".py", ".yml", ".yaml"), _HASH),
    **dict.fromkeys((".txt",), _PLAIN),
    **dict.fromkeys((".md",), _MARKUP),
}
"""How a line is added to a file, by its suffix; pages come first, notes come last."""
_COPY = re.compile(r"^\s*(?:COPY|ADD)\s+(?!.*--from=)(.+)$", re.IGNORECASE | re.MULTILINE)
_CONTINUED = re.compile(r"\\\n")


def editable(names: Iterable[str], copied: Sequence[str]) -> str:
    """The file of `names` that is changed: pages before notes; empty if there is none.

    Only files that are under `copied` count, the paths that the image's Dockerfile copies.
    """
    order = {suffix: place for place, suffix in enumerate(_COMMENTS)}
    found = [
        name
        for name in names
        if PurePosixPath(name).suffix in order and any(_is_under(name, path) for path in copied)
    ]
    return min(found, key=lambda name: (order[PurePosixPath(name).suffix], name), default="")


def added_line(name: str, mark: str) -> str:
    """What is appended to the file `name` so that it stays valid."""
    return _COMMENTS[PurePosixPath(name).suffix].format(mark)


def copied_paths(dockerfile: str) -> list[str]:
    """The paths of the build context that a Dockerfile copies; `.` is all of it."""
    paths: list[str] = []
    for arguments in _COPY.findall(_CONTINUED.sub(" ", dockerfile)):
        words = [word.strip('[]",') for word in arguments.split() if not word.startswith("--")]
        paths += [re.split(r"[*?\[$]", word)[0].removeprefix("./").strip("/") or "." for word in words[:-1]]
    return paths


def _is_under(name: str, path: str) -> bool:
    # A path with a pattern was cut at it, and may end within a name.
    return path == "." or name.startswith(path)
