"""Compare two images of the static content by their trees, without reading a layer."""

from dataclasses import dataclass

from pipeline.git.object_store import ObjectStore
from pipeline.images.static.image.previous import StaticImage
from pipeline.images.static.layers.image_tree import ImageTree, differences, related


@dataclass(frozen=True)
class ImageDifferences:
    """Paths of files: only in the newer image, only in the older, in both with other content or mode."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def compare(objects: ObjectStore, old: StaticImage, new: StaticImage) -> ImageDifferences:
    """What changes for visitors when `new` replaces `old`.

    Raises:
        TandemError: git no longer has one of the trees.
    """
    trees = [ImageTree(objects, image.state.tree, image.state.precompress) for image in (old, new)]
    paths = differences(objects, old.state.tree, new.state.tree)
    if old.state.precompress != new.state.precompress:
        paths |= {file.path for image in (old, new) for file in objects.listing(image.state.tree)}
    pending = [{path for paths in image.state.pending for path in paths} for image in (old, new)]
    candidates = sorted(related(paths) | pending[0] | pending[1])
    for tree in trees:
        tree.load(candidates)
    before, after = (
        {path for path in candidates if tree.at(path) or path in kept_paths}
        for tree, kept_paths in zip(trees, pending, strict=True)
    )
    both = sorted(before & after)
    return ImageDifferences(
        tuple(sorted(after - before)),
        tuple(sorted(before - after)),
        tuple(path for path in both if _changed(trees[0], trees[1], path)),
    )


def _changed(old: ImageTree, new: ImageTree, path: str) -> bool:
    # A file that is only kept is equal to the one that was served before.
    return old.at(path) is not None and new.at(path) is not None and old.at(path) != new.at(path)
