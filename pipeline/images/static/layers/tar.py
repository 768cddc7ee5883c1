"""Write layers: folders and deletions first, files as they come."""

import posixpath
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.git.objects import ObjectStore
from pipeline.images.static.layers.files import LayerFile, layer_files
from pipeline.images.static.layers.image_tree import ImageFile
from pipeline.images.static.layers.progress import Progress
from pipeline.images.static.layers.tar_header import END, FILE, FOLDER, TarHeader, padding
from pipeline.images.static.layers.writer import Codec, Layer, LayerWriter

WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"
_FOLDER_TIME = 1_000_000_000


def folders_of(paths: Iterable[str]) -> set[str]:
    """All folders that lead to `paths`."""
    found = set[str]()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


class LayerTar:
    """A layer below `root` in the making.

    Each layer brings every folder on the way to its files: runtimes make missing ones up, some with mode
    0600. What is `gone` vanishes from the layers below: a folder that is in `made_anew` becomes opaque,
    all else gets a whiteout. Those come before the files, one of which may have the name of a folder
    that is gone.
    """

    def __init__(
        self,
        root: str,
        writer: LayerWriter,
        deletions: Collection[str] = (),
        recreated: Collection[str] = (),
    ) -> None:
        self._root, self._writer = root, writer
        self._opaque = set(deletions) & set(recreated)
        self._made, self._missed = set[str](), list[str]()
        self.files, self.bytes = 0, 0
        self._top()
        for path in sorted(set(deletions) - self._opaque):
            self._whiteout(path)

    def add(self, part: LayerFile) -> None:
        """Write one file; one that turned out not to be worth having is deleted from the layers below."""
        if part.head is None:
            self._missed.append(part.path)
        else:
            self.copy(part.path, part.head, part.pieces)

    def copy(self, path: str, head: TarHeader, pieces: Iterable[bytes]) -> None:
        """Write one file; its first piece tells whether it is deflated or stored."""
        self._folders(path)
        rest = iter(pieces)
        first = next(rest, b"")
        text, size = self._writer.is_text(path, first), head.size
        self._writer.write(head.dump(), text=text)
        self._writer.write(first, text=text)
        for piece in rest:
            self._writer.write(piece, text=text)
        self._writer.write(padding(size), text=text)
        self.files += 1
        self.bytes += size

    def finish(self, annotations: dict[str, str], *, lowest: bool = False) -> Layer:
        """Close the layer; the lowest has nothing to delete."""
        for path in () if lowest else self._missed:
            self._whiteout(path)
        self._writer.write(END, text=True)
        return self._writer.finish(annotations)

    def _folders(self, path: str) -> None:
        folder = path.rpartition("/")[0]
        if not folder or folder in self._made:
            return
        self._folders(folder)
        self._made.add(folder)
        self._folder(f"{self._root}/{folder}")
        if folder in self._opaque:
            self._empty(f"{self._root}/{folder}/{OPAQUE}")

    def _whiteout(self, path: str) -> None:
        self._folders(path)
        folder, name = posixpath.split(path)
        self._empty(posixpath.join(self._root, folder, WHITEOUT + name))

    def _top(self) -> None:
        steps = self._root.split("/")
        for count in range(1, len(steps) + 1):
            self._folder("/".join(steps[:count]))

    def _folder(self, path: str) -> None:
        self._writer.write(TarHeader(path, FOLDER, 0o755, 0, _FOLDER_TIME).dump(), text=True)

    def _empty(self, path: str) -> None:
        self._writer.write(TarHeader(path, FILE, 0o644, 0, _FOLDER_TIME).dump(), text=True)


@dataclass(frozen=True)
class LayerBuilder:
    """Where layers are made: from which objects, below which folder, with which codec, in which place."""

    objects: ObjectStore
    root: str
    folder: Path
    codec: Codec
    progress: Progress

    def writer(self) -> LayerWriter:
        return LayerWriter(self.folder, self.codec, self.progress)


def write_layer(
    builder: LayerBuilder,
    files: Iterable[tuple[str, ImageFile]],
    deletions: Collection[str] = (),
    recreated: Collection[str] = (),
) -> LayerTar:
    """Write `files` and deletions; the caller finishes the layer."""
    tar = LayerTar(builder.root, builder.writer(), deletions, recreated)
    found = layer_files(builder.objects, files, builder.root)
    for part in found:
        tar.add(part)
    return tar
