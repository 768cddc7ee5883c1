"""Check the content that an image puts into a volume: there is some, and every user can read it.

The content is read from the image's small layers; larger ones are trusted, and so is zstd, which
Python cannot unpack.
"""

from collections.abc import Iterable, Iterator

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest
from pipeline.deploy.preflight.container_images import ContainerImage, OpenRegistry
from pipeline.deploy.preflight.layer_entries import (
    WHITEOUT,
    KeptEntries,
    Kind,
    LayerEntries,
    is_whiteout,
    read_entries,
)
from render.finding import Finding, Node

_SMALL = 8 * 2**20  # bytes; larger layers are not downloaded
_READ, _READ_AND_ENTER = 0o004, 0o005  # for users other than owner and group
_OPAQUE = f"{WHITEOUT}{WHITEOUT}.opq"
"""The name of an entry that hides all that lower layers have in its folder."""


def check_content(
    container: Node, image: ContainerImage, path: str, open_registry: OpenRegistry, cache: KeptEntries | None
) -> Iterator[Finding]:
    """Containers that mount the volume run as other users: everyone must be able to read the content."""
    try:
        entries, is_complete = _entries(image, path, open_registry, cache)
    except TandemError as error:
        yield Finding(container.at("image"), error.message, error.hint or "build the image again")
        return
    if is_complete and all(entry.kind is Kind.FOLDER for entry in entries.values()):
        yield Finding(
            container.at("image"),
            f"the image carries no file in {path}, so the site would lose all of its content",
            "COPY the content there in the Dockerfile, or push the content again",
        )
    for name, entry in sorted(entries.items()):
        mode = _READ_AND_ENTER if entry.kind is Kind.FOLDER else _READ
        if name == path.strip("/") and entry.kind is Kind.LINK:
            yield Finding(
                container.at("image"), f"{path} is a link, so nothing is copied", "make it a folder"
            )
        elif entry.kind is not Kind.LINK and entry.mode & mode != mode:
            yield Finding(
                container.at("image"),
                f"/{name} has mode {entry.mode:04o}: the app's user cannot read it",
                "chmod a+rX before VOLUME",
            )


def _entries(
    image: ContainerImage, path: str, open_registry: OpenRegistry, cache: KeptEntries | None
) -> tuple[LayerEntries, bool]:
    """The visible entries at and below `path` in the small layers, and whether all layers could be read.

    Raises:
        TandemError: A layer is missing or damaged.
    """
    entries: LayerEntries = {}
    layers = _small_layers(image, path, open_registry, cache)
    for layer in layers:
        if layer is None:
            continue
        hidden, emptied = _whiteouts(layer)
        if hidden or emptied:
            entries = {
                name: entry
                for name, entry in entries.items()
                if name not in hidden and not (hidden | emptied).intersection(_folders(name))
            }
        entries.update((name, entry) for name, entry in layer.items() if not is_whiteout(name))
    return entries, None not in layers and len(layers) == len(image.manifest.layers)


def _small_layers(
    image: ContainerImage, path: str, open_registry: OpenRegistry, cache: KeptEntries | None
) -> list[LayerEntries | None]:
    """The entries of each small layer, from the lowest; None for one that cannot be unpacked.

    Raises:
        TandemError: A layer is missing or damaged.
    """
    registry = open_registry(image.ref.host)
    before = cache.load(image.ref.repository, path) if cache else {}
    layers = dict[Digest, LayerEntries | None]()
    small = [layer.digest for layer in image.manifest.layers if layer.size <= _SMALL]
    for digest in small:
        if digest in before and registry.has_blob(image.ref.path, digest):
            layers[digest] = before[digest]
        else:
            layers[digest] = read_entries(registry, image.ref, digest, path)
    if cache and layers.keys() != before.keys():
        cache.save(image.ref.repository, path, layers)
    return [layers[digest] for digest in small]


def _whiteouts(names: Iterable[str]) -> tuple[set[str], set[str]]:
    """The paths that whiteouts hide with all below them, and the folders of which they hide all below."""
    hidden, emptied = set[str](), set[str]()
    for whiteout in filter(is_whiteout, names):
        folder, _, name = whiteout.rpartition("/")
        if name == _OPAQUE:
            emptied.add(folder or ".")
        else:
            hidden.add(f"{folder}/{name.removeprefix(WHITEOUT)}".lstrip("/"))
    return hidden, emptied


def _folders(path: str) -> Iterator[str]:
    """The folders above `path`, up to `.`, which is the root."""
    while path:
        path = path.rpartition("/")[0]
        yield path or "."
