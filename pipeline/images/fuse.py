"""Join two images into one: the app's layers with the static image's content on top."""

from dataclasses import replace

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
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


def fuse(app: ImageRef, static: ImageRef, repository: str) -> ImageRef:
    """Assemble `app` and the content of `static` in `repository` (`host/path`); equal inputs, equal image.

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
    diff_ids = [*diff_ids_of(app_config), *diff_ids_of(static_config)[len(layers.runtime) :]]
    config = Blob.of(canonical_json(_merge_config(app_config, state.content_path, diff_ids)), OCI_CONFIG)
    app_layers = [
        replace(layer, media_type=OCI_LAYER) if layer.media_type == DOCKER_LAYER else layer
        for layer in app_manifest.layers
    ]
    annotations = {APP: str(app.digest), STATIC: str(static.digest)}
    manifest = Manifest(config.descriptor, (*app_layers, *content_layers), annotations)
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
