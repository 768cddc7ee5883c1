"""Verify that an image is its commit's tree: path, mode, size and sha256 of every file."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.git.blobs import mtime_of
from pipeline.git.object_store import ObjectStore
from pipeline.git.validation import LINK
from pipeline.images.static.base_layers import image_files
from pipeline.images.static.image.annotations import ImageLayers
from pipeline.images.static.image.previous import StaticImage
from pipeline.images.static.layers.flatten import Flattened, FlattenedFile, flatten
from pipeline.images.static.layers.image_tree import GZ, ImageFile
from pipeline.images.static.layers.layer_files import layer_files
from pipeline.registry import connect

_OPEN = 0o755


@dataclass(frozen=True)
class VerifyReport:
    """The result; the image is its tree if there are no problems."""

    image: str
    commit: str
    tree: str
    files: int
    kept: int
    """Files of earlier trees that the image keeps on purpose."""
    bytes: int
    hidden: int
    """Unpacked bytes that newer layers hide."""
    problems: tuple[str, ...]


@dataclass(frozen=True)
class _Blob:
    size: int
    sha256: str
    target: str


def verify(objects: ObjectStore, image: StaticImage) -> VerifyReport:
    """Read every layer of `image` and every file of its tree, and compare them.

    Raises:
        TandemError: A layer or a blob is missing or damaged.
    """
    state = image.state
    image_layers = ImageLayers.of(image.manifest)
    layers = (*image_layers.base, *image_layers.deltas)
    flat = flatten(connect(image.ref.host), image.ref, layers, state.content_path.strip("/"))
    listing = objects.listing(state.tree)
    expected = image_files(listing, state.precompress)
    blobs = _read(objects, sorted({file.blob for file in expected.values()}), expected)
    kept_paths = {path for paths in state.pending for path in paths}
    problems = sorted(
        {*_differ(objects, flat, expected, blobs), *_superfluous(flat, expected, kept_paths), *_folders(flat)}
    )
    return VerifyReport(
        image=str(image.ref),
        commit=state.commit,
        tree=state.tree,
        files=len(flat.files),
        kept=len(kept_paths),
        bytes=flat.bytes,
        hidden=flat.hidden,
        problems=tuple(problems),
    )


def _read(objects: ObjectStore, names: list[str], expected: dict[str, ImageFile]) -> dict[str, _Blob]:
    links = {file.blob for file in expected.values() if file.mode == LINK}
    blobs = dict[str, _Blob]()
    with objects.read(names) as objects_read:
        for content in objects_read:
            digest, target = hashlib.sha256(), b""
            for piece in content.pieces():
                digest.update(piece)
                target += piece if content.name in links else b""
            blobs[content.name] = _Blob(
                content.size, digest.hexdigest(), target.decode(errors="surrogateescape")
            )
    return blobs


def _differ(
    objects: ObjectStore, flat: Flattened, expected: dict[str, ImageFile], blobs: dict[str, _Blob]
) -> Iterator[str]:
    missing_siblings = []
    for path, file in expected.items():
        actual = flat.files.get(path)
        if actual is not None:
            yield from (f"{path}: {problem}" for problem in _compare(actual, file, blobs[file.blob]))
        elif file.compressed:
            missing_siblings.append((path, file))
        else:
            yield f"{path} is missing"
    # An image has no sibling that would not be smaller than its file.
    yield from (f"{part.path} is missing" for part in layer_files(objects, missing_siblings, "") if part.head)


def _compare(actual: FlattenedFile, file: ImageFile, blob: _Blob) -> Iterator[str]:
    if actual.mtime != mtime_of(file.blob):
        yield f"its time is {actual.mtime}, not {mtime_of(file.blob)}"
    if file.mode == LINK:
        if actual.target != blob.target:
            yield f"leads to {actual.target!r}, not {blob.target!r}"
        return
    mode = _OPEN if file.mode & 0o100 else 0o644
    if actual.mode != mode:
        yield f"its mode is {actual.mode:o}, not {mode:o}"
    if file.compressed:
        if actual.unpacked != blob.sha256:
            yield "does not unpack to its original"
    elif (actual.size, actual.sha256) != (blob.size, blob.sha256):
        yield f"its {actual.size} bytes are not the commit's {blob.size}"


def _superfluous(flat: Flattened, expected: dict[str, ImageFile], kept_paths: set[str]) -> Iterator[str]:
    yield from (f"{path} is not in the tree" for path in flat.files.keys() - expected.keys() - kept_paths)
    for path in kept_paths - flat.files.keys():
        # Whether its compressed sibling was smaller is no longer known.
        if not (path.endswith(GZ) and path.removesuffix(GZ) in kept_paths):
            yield f"{path} should have been kept"


def _folders(flat: Flattened) -> Iterator[str]:
    yield from (f"{path}/ has mode {mode:o}" for path, mode in flat.folders.items() if mode != _OPEN)
