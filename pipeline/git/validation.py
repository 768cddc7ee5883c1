"""Validate the files of a commit, whatever they are read for: paths, modes, links and Git LFS pointers."""

import posixpath

from pipeline.core.errors import TandemError

LINK, SUBMODULE = 0o120000, 0o160000
_WHITEOUT = ".wh."
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_FORBIDDEN = frozenset({"..", ".git"})


def validate_file(path: str, mode: int, content: bytes | None = None, where: str = "") -> None:
    """Validate one file; every file of every source passes here before it reaches a disk or an image.

    `mode` is git's. `content` is the target of a link, or the first bytes of a file; it is None where the
    file was only listed. `where` follows the path in messages, such as " at 1234567890 of source app".

    Raises:
        TandemError: The file cannot become part of an image.
    """
    _validate_path(path, where)
    if mode == SUBMODULE:
        raise TandemError(
            f"{path}{where} is a submodule: its files are in another repository",
            hint="commit its files, or make it a source of its own in tandem.toml",
        )
    if content is None:
        return
    if mode == LINK:
        _validate_link(path, content.decode(errors="surrogateescape"), where)
    elif content.startswith(_LFS_POINTER):
        raise TandemError(
            f"{path}{where} is a Git LFS pointer: its content is not in git",
            hint="git lfs migrate export --include=PATTERN, then commit and push",
        )


def _validate_path(path: str, where: str) -> None:
    names = path.split("/")
    if not _FORBIDDEN.isdisjoint(names):
        raise TandemError(f"{path!r}{where} leaves its folder", hint=f"git mv {path} to another name")
    if any(name.startswith(_WHITEOUT) for name in names):
        raise TandemError(
            f"{path}{where} cannot be in an image: names that start with .wh. mean deletions there",
            hint=f"git mv {path} to another name",
        )


def _validate_link(path: str, target: str, where: str) -> None:
    """A link must stay within the tree: what it names elsewhere is not part of the commit."""
    names = target.split("/")
    climbs = next((i for i, name in enumerate(names) if name != ".."), len(names))
    # Only at the start does .. mean the parent of the link's own folder: a later one may follow another link.
    inside = climbs <= path.count("/") and ".." not in names[climbs:]
    if not target or posixpath.isabs(target) or not inside:
        raise TandemError(
            f"{path}{where} is a link to {target!r}, which may lead out of the tree",
            hint="link to a path within the tree, with .. at its start only",
        )
