"""Report the parts of a static image from its manifest alone."""

from dataclasses import dataclass

from pipeline.images.static.build import compaction_reason
from pipeline.images.static.image.annotations import BASE, DELTA, role_of
from pipeline.images.static.image.previous import StaticImage


@dataclass(frozen=True)
class LayerFacts:
    """One layer, from the bottom up."""

    role: str
    """runtime (the small image that runs), base or delta."""
    holds: str
    bytes: int
    age: int
    """The number of builds since it was written."""
    digest: str


@dataclass(frozen=True)
class ImageFacts:
    """What the manifest of an image tells."""

    image: str
    commit: str
    tree: str
    build: int
    files: int
    kept: int
    bytes: int
    dead: int
    """Bytes (unpacked) that newer layers hide, partly estimated; `verify` counts them."""
    compaction: str
    layers: tuple[LayerFacts, ...]


def inspect(image: StaticImage) -> ImageFacts:
    """The facts of `image`."""
    state = image.state
    return ImageFacts(
        image=str(image.ref),
        commit=state.commit,
        tree=state.tree,
        build=state.number,
        files=state.files,
        kept=sum(len(paths) for paths in state.pending),
        bytes=image.manifest.size,
        dead=state.dead,
        compaction=compaction_reason(image),
        layers=tuple(_layers(image)),
    )


def _layers(image: StaticImage) -> list[LayerFacts]:
    facts = []
    for layer in image.manifest.layers:
        role, detail = role_of(layer)
        build = {BASE: image.state.base_build, DELTA: int(detail) if role == DELTA else 0}.get(role, 0)
        holds = {BASE: _group(detail), DELTA: "changes"}.get(role, "")
        age = image.state.number - build if build else 0
        facts.append(LayerFacts(role or "runtime", holds, layer.size, age, str(layer.digest)))
    return facts


def _group(name: str) -> str:
    return f"{name[1:]} alone" if name[:1] == "=" else f"from {name[1:] or 'the first file'}"
