"""Assemble layers into an image: configuration, manifest, tag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.images.static.image.annotations import ContentState, ImageLayers
from pipeline.registry import (
    DOCKER_LAYER,
    OCI_CONFIG,
    OCI_LAYER,
    Blob,
    Descriptor,
    Manifest,
    Registry,
    canonical_json,
    digest_of,
)

REVISION = "org.opencontainers.image.revision"
BASE_DIGEST = "org.opencontainers.image.base.digest"
OWNER = "101:101"
"""The user of the content's container: nginx's, which may read but not write."""
COMMAND = ("/bin/busybox", "true")
"""The command of the content's container: it exits with 0 at once, and its volume stays."""


@dataclass(frozen=True)
class RuntimeImage:
    """The small image below the content, which has the program that the container runs."""

    digest: Digest
    layers: tuple[Descriptor, ...]
    diff_ids: tuple[Digest, ...]
    settings: Mapping[str, Any]
    """Architecture, os and environment of its configuration."""


@dataclass(frozen=True)
class Assembled:
    """An image whose layers and configuration must still be pushed."""

    config: Blob
    manifest: Manifest
    tag: str


def read_runtime_image(registry: Registry, ref: ImageRef) -> RuntimeImage:
    """Read the image below the content; TandemError if the registry does not have it."""
    manifest = registry.manifest(ref)
    config = registry.config(ref, manifest)
    diff_ids = diff_ids_of(config)
    if len(diff_ids) != len(manifest.layers):
        raise TandemError(
            f"{ref} cannot be built on: it has {len(manifest.layers)} layers and {len(diff_ids)} diffIDs",
            hint="build the base image again",
        )
    layers = tuple(
        Descriptor(
            OCI_LAYER if layer.media_type == DOCKER_LAYER else layer.media_type, layer.digest, layer.size
        )
        for layer in manifest.layers
    )
    return RuntimeImage(ref.digest, layers, diff_ids, _settings(config))


def diff_ids_of(config: Mapping[str, Any]) -> tuple[Digest, ...]:
    """The digests of the uncompressed layers, in the order of the layers."""
    return tuple(Digest.parse(text) for text in (config.get("rootfs") or {}).get("diff_ids") or ())


def runtime_image_of(manifest: Manifest, config: Mapping[str, Any]) -> RuntimeImage:
    """The small image below the content of an image that was built from layers."""
    layers = ImageLayers.of(manifest).runtime
    digest = Digest.parse(manifest.annotations[BASE_DIGEST])
    return RuntimeImage(digest, layers, diff_ids_of(config)[: len(layers)], _settings(config))


def assemble(
    runtime_image: RuntimeImage,
    layers: Sequence[tuple[Descriptor, Digest]],
    state: ContentState,
    *,
    compacted: bool = False,
) -> Assembled:
    """An image of `runtime_image` and the content's layers (with their diffIDs), annotated with `state`."""
    labels = {} if state.canonical else {REVISION: state.commit}
    config = {
        **runtime_image.settings,
        "config": {
            **runtime_image.settings["config"],
            "User": OWNER,
            "Entrypoint": COMMAND,
            "Volumes": {state.content_path: {}},
            "Labels": {"io.tandem.tree": state.tree, **labels},
        },
        "created": "1970-01-01T00:00:00Z",
        "rootfs": {
            "type": "layers",
            "diff_ids": [str(digest) for digest in (*runtime_image.diff_ids, *(diff for _, diff in layers))],
        },
    }
    blob = Blob.of(canonical_json(config), OCI_CONFIG)
    annotations = {BASE_DIGEST: str(runtime_image.digest), **labels, **state.dump()}
    all_layers = (*runtime_image.layers, *(descriptor for descriptor, _ in layers))
    manifest = Manifest(blob.descriptor, all_layers, annotations)
    return Assembled(blob, manifest, tag_of(state, digest_of(manifest.dump()), "c" if compacted else ""))


def tag_of(state: ContentState, digest: Digest, kind: str) -> str:
    """A tag that keeps the image from garbage collection, sorts by age and never names another image."""
    return f"canonical-{digest.short}" if state.canonical else f"b{state.number:08d}{kind}-{digest.short}"


def _settings(config: Mapping[str, Any]) -> dict[str, Any]:
    identity = {key: config[key] for key in ("architecture", "os", "variant") if key in config}
    inner = config.get("config") or {}
    return {**identity, "config": {key: inner[key] for key in ("Env",) if inner.get(key)}}
