"""Join two images into one, of the app's layers and the static image's content.

The content lies at the bottom: Docker unpacks again what lies above a changed layer, so a change of the app
costs the same at any size. An app with files of its own at the content's path gets the content on top.
"""

from dataclasses import replace

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.images.layer_order import LayerVerdicts, may_lie_above
from pipeline.images.static.image.annotations import ImageLayers, read_state
from pipeline.images.static.image.assembly import diff_ids_of
from pipeline.registry import (
    DOCKER_LAYER,
    OCI_CONFIG,
    OCI_LAYER,
    Blob,
    Manifest,
    canonical_json,
    connect,
    copy_blobs,
    digest_of,
)

APP, STATIC = "io.tandem.fused.app", "io.tandem.fused.static"


def fuse(
    app: ImageRef, static: ImageRef, repository: str, known_verdicts: LayerVerdicts | None = None
) -> ImageRef:
    """Assemble `app` and the content of `static` in `repository` (`host/path`); equal inputs, equal image.

    Layers of the app with a verdict in `known_verdicts` are not read.

    The app's configuration stays, except for a VOLUME at the content's path, which would copy all content at
    start. Layers that the registry has are not sent.

    Raises:
        TandemError: `static` was not built from layers, or a registry refused.
    """
    app_registry, static_registry = connect(app.host), connect(static.host)
    app_manifest, static_manifest = app_registry.manifest(app), static_registry.manifest(static)
    state = read_state(static_manifest.annotations)
    if state is None:
        raise TandemError(
            f"cannot fuse {static}: it was not built from layers",
            hint='set builder = "layers" in [static] of tandem.toml and build again',
        )
    app_config = app_registry.config(app, app_manifest)
    static_config = static_registry.config(static, static_manifest)
    layers = ImageLayers.of(static_manifest)
    content_layers = layers.base + layers.deltas
    app_layers = tuple(
        replace(layer, media_type=OCI_LAYER) if layer.media_type == DOCKER_LAYER else layer
        for layer in app_manifest.layers
    )
    parts = [
        (content_layers, diff_ids_of(static_config)[len(layers.runtime) :]),
        (app_layers, diff_ids_of(app_config)),
    ]
    if not may_lie_above(app_registry, app, app_layers, state.content_path, known_verdicts):
        parts.reverse()
    diff_ids = [digest for _, digests in parts for digest in digests]
    config = Blob.of(canonical_json(_merge_config(app_config, state.content_path, diff_ids)), OCI_CONFIG)
    annotations = {APP: str(app.digest), STATIC: str(static.digest)}
    manifest = Manifest(config.descriptor, tuple(layer for part, _ in parts for layer in part), annotations)
    copy_blobs(app, app_layers, repository)
    copy_blobs(static, content_layers, repository)
    host, _, path = repository.partition("/")
    registry = connect(host)
    registry.push_blob(path, config)
    return registry.push_manifest(path, manifest, f"fused-{digest_of(manifest.dump()).short}")


def _merge_config(app: dict[str, object], content_path: str, diff_ids: list[Digest]) -> dict[str, object]:
    """The app's configuration over both images' layers."""
    inner = app.get("config")
    settings = dict(inner) if isinstance(inner, dict) else {}
    volumes = {
        path: value for path, value in (settings.pop("Volumes", None) or {}).items() if path != content_path
    }
    if volumes:
        settings["Volumes"] = volumes
    identity: dict[str, object] = {
        key: app[key] for key in ("architecture", "os", "variant", "created") if key in app
    }
    rootfs = {"type": "layers", "diff_ids": [str(digest) for digest in diff_ids]}
    return {**identity, "config": settings, "rootfs": rootfs}
