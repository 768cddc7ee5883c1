"""Validate the files of a commit, whatever they are read for: paths, modes, links and Git LFS pointers."""

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator

from pipeline.core.errors import TandemError
from pipeline.git.printable_text import printable

LINK, SUBMODULE = 0o120000, 0o160000
LONGEST_NAME, LONGEST_PATH = 255, 4096
"""In bytes: what file systems and container runtimes take."""
LONGEST_TARGET = 4095
_REGULAR = frozenset({0o100644, 0o100755, 0o100664})  # old versions of git wrote the last one
_ORDINARY = re.compile(r"(?:[\w@+=,-][\w@+=,. -]*/)*[\w@+=,-][\w@+=,. -]*", re.ASCII)
"""Paths of the most usual names, which need no closer look if they are short."""
_WHITEOUT = ".wh."
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# What file systems of macOS leave out of a name, and what those of Windows cut off: both find .git then.
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_GIT = re.compile(r"\.git|git~\d", re.IGNORECASE)
# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md; hawser and git-media are its former names.
_LFS_POINTER = re.compile(
    rb"version https?://(?:git-lfs\.github\.com|hawser\.github\.com|git-media\.io)/\S+(?:\r?\n)+"
    rb"(?=(?:.*\n)*oid \S)(?=(?:.*\n)*size \d)"
    rb"(?:(?:ext-\S+|oid|size) \S+(?:(?:\r?\n)+|\Z))+"
)
# https://git-annex.branchable.com/internals/pointer_file/ and https://git-annex.branchable.com/internals/
_ANNEX_POINTER = re.compile(rb"/annex/objects/[A-Z0-9_]+-[^\s/]*--[^\s/]+(?:\n.*)?", re.DOTALL)
_ANNEX_LINK = ".git/annex/objects/"
_LONGEST_POINTER = 1023


def validate_file(path: str, mode: int, content: bytes | None = None, where: str = "") -> None:
    """Validate one file; every file of every source passes here before it reaches a disk or an image.

    `mode` is git's. `content` is the target of a link, or the first bytes of a file; it is None where the
    file was only listed. `where` follows the path in messages, such as " at 1234567890 of source app".

    Raises:
        TandemError: The file cannot become part of an image.
    """
    if len(path) > LONGEST_NAME or not _ORDINARY.fullmatch(path):
        _validate_path(path, where)
    if mode not in _REGULAR:
        _validate_mode(path, mode, where)
    if content is None:
        return
    if mode == LINK:
        _validate_link(path, content, where)
    elif len(content) <= _LONGEST_POINTER:
        _validate_content(path, content, where)


def clashes(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of names that some file systems treat as one: they differ in case or in Unicode's form only."""
    name_of = dict[str, str]()
    for name in sorted(names):
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())
        if folded in name_of:
            yield name_of[folded], name
        name_of[folded] = name


def _validate_path(path: str, where: str) -> None:
    if len(path.encode(errors="surrogateescape")) > LONGEST_PATH:
        raise _bad_path(path, where, f"its path is longer than {LONGEST_PATH} bytes")
    for name in path.split("/"):
        if problem := _name_problem(name):
            raise _bad_path(path, where, problem)


def _bad_path(path: str, where: str, problem: str) -> TandemError:
    return TandemError(
        f"{printable(path)}{where} cannot be in an image: {problem}",
        hint="rename it with `git mv`, then commit and push",
    )


def _name_problem(name: str) -> str:
    """What is wrong with one name of a path; empty if nothing is."""
    parts = name.split("\\")  # a backslash is part of a name here, and separates names on Windows
    problems = (
        (not name, "it has an empty name"),
        (_CONTROL.search(name), "its name has a control character"),
        (
            len(name.encode(errors="surrogateescape")) > LONGEST_NAME,
            f"a name is longer than {LONGEST_NAME} bytes",
        ),
        (name.startswith(_WHITEOUT), "names that start with .wh. mean deletions there"),
        (any(part.strip(" ") in {".", ".."} for part in parts), "its path leaves its folder"),
        (any(map(_means_git, parts)), "a name means .git, git's own folder"),
    )
    return next((problem for condition, problem in problems if condition), "")


def _means_git(name: str) -> bool:
    return _GIT.fullmatch(_IGNORED.sub("", name).partition(":")[0].rstrip(". ")) is not None


def _validate_mode(path: str, mode: int, where: str) -> None:
    if mode == SUBMODULE:
        raise TandemError(
            f"{printable(path)}{where} is a submodule: its files are in another repository",
            hint="commit its files, or make it a source of its own in tandem.toml",
        )
    if mode != LINK:
        raise TandemError(
            f"{printable(path)}{where} is neither a file nor a link: its mode is {mode:o}",
            hint="git fsck, then commit the file again and push",
        )


def _validate_content(path: str, content: bytes, where: str) -> None:
    """A short file must be content, and not say where a program keeps it beside git."""
    if _LFS_POINTER.fullmatch(content.strip()):
        raise _pointer(path, where, "Git LFS", "git lfs migrate export --include=PATTERN")
    if _ANNEX_POINTER.fullmatch(content):
        raise _pointer(path, where, "git-annex", "git annex unannex PATH && git add --force PATH")


def _pointer(path: str, where: str, program: str, command: str) -> TandemError:
    return TandemError(
        f"{printable(path)}{where} is a {program} pointer: its content is not in git",
        hint=f"{command}, then commit and push",
    )


def _validate_link(path: str, content: bytes, where: str) -> None:
    """A link must stay within the tree: what it names elsewhere is not part of the commit."""
    target = content[: LONGEST_TARGET + 1].decode(errors="surrogateescape")
    if _ANNEX_LINK in target:
        raise _pointer(path, where, "git-annex", "git annex unannex PATH && git add --force PATH")
    names = target.split("/")
    climbs = next((i for i, name in enumerate(names) if name != ".."), len(names))
    # Only at the start does .. mean the parent of the link's own folder: a later one may follow another link.
    inside = climbs <= path.count("/") and ".." not in names[climbs:]
    if not target or posixpath.isabs(target) or not inside:
        raise TandemError(
            f"{printable(path)}{where} is a link to {printable(target)!r}, which may lead out of the tree",
            hint="link to a path within the tree, with .. at its start only",
        )
    if len(content) > LONGEST_TARGET or _CONTROL.search(target):
        raise TandemError(
            f"{printable(path)}{where} is a link to no valid path",
            hint="link to a path within the tree",
        )
