"""Parse tree objects, and refuse those that git's own commands do not make."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.core.errors import TandemError
from pipeline.git.blobs import GitObject
from pipeline.git.printable_text import printable

_TREE = 0o040000


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """What a tree holds under one name: git's mode and the object's id."""

    mode: int
    id: str

    @property
    def is_tree(self) -> bool:
        return self.mode == _TREE


def parse_tree(tree: GitObject) -> Mapping[str, TreeEntry]:
    """The entries of a tree object, by name.

    A server does not check what is pushed to it: a tree made by hand can hold a name twice, as a link and as
    a file, or a name with a slash.

    Raises:
        TandemError: The tree is malformed.
    """
    if tree.kind != "tree":
        raise _malformed(tree)
    entries, content, at, width = dict[str, TreeEntry](), tree.read(), 0, len(tree.name) // 2
    try:
        while at < len(content):
            space = content.index(b" ", at)
            end = content.index(b"\0", space)
            name = content[space + 1 : end].decode(errors="surrogateescape")
            mode, at = int(content[at:space], 8), end + 1 + width
            if name in entries or "/" in name or at > len(content):
                raise _malformed(tree, name, doubled=name in entries)
            entries[name] = TreeEntry(mode, content[end + 1 : at].hex())
    except ValueError as error:
        raise _malformed(tree) from error
    return entries


def _malformed(tree: GitObject, name: str = "", *, doubled: bool = False) -> TandemError:
    why = f"it has {printable(name)!r} twice" if doubled else "git's own commands make no such tree"
    return TandemError(
        f"tree {tree.name[:10]} is malformed: {why}",
        hint="git fsck in the source's repository names the commit",
    )
