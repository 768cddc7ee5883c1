"""Write layers as tar: folders and deletions first, then files in the order that they come."""

import posixpath
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.git.object_store import ObjectStore
from pipeline.images.static.layers.image_tree import ImageFile
from pipeline.images.static.layers.layer_files import LayerFile, layer_files
from pipeline.images.static.layers.progress import ByteProgress
from pipeline.images.static.layers.tar_header import END, FILE, FOLDER, TarHeader, padding
from pipeline.images.static.layers.writer import Codec, Layer, LayerWriter

WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"
_SMALL = 16 << 10
"""Bytes below which a file is deflated whatever it holds: a stored block would cost more than it saves."""
_FOLDER_TIME = 1_000_000_000


def folders_of(paths: Iterable[str]) -> set[str]:
    """All folders that lead to `paths`."""
    folders = set[str]()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


class LayerTar:
    """Writes one layer below `root`.

    A layer has every folder that leads to its files: runtimes create missing ones, some with mode 0600.
    `deletions` hide paths of the layers below: a folder in `recreated` becomes opaque, another path gets a
    whiteout. Deletions come before files, because a file may have the name of a deleted folder.
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
        self._written, self._skipped = set[str](), list[str]()
        self.files, self.bytes = 0, 0
        self._top()
        for path in sorted(set(deletions) - self._opaque):
            self._whiteout(path)

    def add(self, file: LayerFile) -> None:
        """Write one file; a sibling that would not be smaller is deleted from the layers below instead."""
        if file.head is None:
            self._skipped.append(file.path)
        else:
            self.copy(file.path, file.head, file.pieces)

    def copy(self, path: str, head: TarHeader, pieces: Iterable[bytes]) -> None:
        """Write one file. Small ones are deflated with the headers; of others the first piece decides."""
        self._folders(path)
        rest = iter(pieces)
        first = next(rest, b"")
        size = head.size
        text = size < _SMALL or self._writer.is_text(path, first)
        self._writer.write(head.dump(), text=True)
        self._writer.write(first, text=text)
        for piece in rest:
            self._writer.write(piece, text=text)
        self._writer.write(padding(size), text=True)
        self.files += 1
        self.bytes += size

    def finish(self, annotations: dict[str, str], *, lowest: bool = False) -> Layer:
        """Close the layer; the lowest layer has nothing to delete."""
        for path in () if lowest else self._skipped:
            self._whiteout(path)
        self._writer.write(END, text=True)
        return self._writer.finish(annotations)

    def _folders(self, path: str) -> None:
        missing, folder = list[str](), path.rpartition("/")[0]
        while folder and folder not in self._written:
            missing.append(folder)
            folder = folder.rpartition("/")[0]
        for each in reversed(missing):
            self._written.add(each)
            self._folder(f"{self._root}/{each}")
            if each in self._opaque:
                self._empty(f"{self._root}/{each}/{OPAQUE}")

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
    """Builds layers from git's `objects` below the folder `root`; large layers are files in `folder`."""

    objects: ObjectStore
    root: str
    folder: Path
    codec: Codec
    progress: ByteProgress

    def writer(self) -> LayerWriter:
        """A writer for one more layer."""
        return LayerWriter(self.folder, self.codec, self.progress)


def write_layer(
    builder: LayerBuilder,
    files: Iterable[tuple[str, ImageFile]],
    deletions: Collection[str] = (),
    recreated: Collection[str] = (),
) -> LayerTar:
    """Write `files` and deletions; the caller finishes the layer.

    Raises:
        TandemError: A file cannot be in an image, or a blob is missing.
    """
    tar = LayerTar(builder.root, builder.writer(), deletions, recreated)
    for file in layer_files(builder.objects, files, builder.root):
        tar.add(file)
    return tar
