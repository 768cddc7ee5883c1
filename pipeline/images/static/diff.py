"""Tell two images of the static content apart by their trees: no layer is read."""

from dataclasses import dataclass

from pipeline.git.objects import ObjectStore
from pipeline.images.static.image.previous import StaticImage
from pipeline.images.static.layers.image_tree import ImageTree, differences, related


@dataclass(frozen=True)
class ImageDifferences:
    """Files by path: of the newer image, of the older, of both with another content or mode."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def compare(objects: ObjectStore, old: StaticImage, new: StaticImage) -> ImageDifferences:
    """What changes for those who are served from `new` instead of `old`."""
    views = [ImageTree(objects, each.state.tree, each.state.precompress) for each in (old, new)]
    paths = differences(objects, old.state.tree, new.state.tree)
    if old.state.precompress != new.state.precompress:
        paths |= {listed.path for each in (old, new) for listed in objects.listing(each.state.tree)}
    kept = [{path for paths in each.state.pending for path in paths} for each in (old, new)]
    candidates = sorted(related(paths) | kept[0] | kept[1])
    for view in views:
        view.load(candidates)
    before, after = (
        {path for path in candidates if view.at(path) or path in held}
        for view, held in zip(views, kept, strict=True)
    )
    both = sorted(before & after)
    return ImageDifferences(
        tuple(sorted(after - before)),
        tuple(sorted(before - after)),
        tuple(path for path in both if _changed(views[0], views[1], path)),
    )


def _changed(old: ImageTree, new: ImageTree, path: str) -> bool:
    # A kept file is the one that was served before it left.
    return old.at(path) is not None and new.at(path) is not None and old.at(path) != new.at(path)
