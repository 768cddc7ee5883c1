"""One image from two: the app's layers with the static image's content on top, nothing sent twice."""

from dataclasses import replace

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.images.static.image.annotations import ImageLayers, read_state
from pipeline.images.static.image.manifest import diff_ids_of
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
    """Assemble `app` and the content of `static` in `repository` (`host/path`); same inputs, same image.

    The app's configuration stays, but for a VOLUME at the content's path, which would copy it all at start.
    """
    theirs, content = connect(app.host), connect(static.host)
    app_manifest, static_manifest = theirs.manifest(app), content.manifest(static)
    state = read_state(static_manifest.annotations)
    if state is None:
        raise TandemError(
            f"cannot fuse {static}: it was not built from layers",
            hint='set builder = "layers" in [static] of tandem.toml and build again',
        )
    app_config, static_config = theirs.config(app, app_manifest), content.config(static, static_manifest)
    stack = ImageLayers.of(static_manifest)
    files = stack.base + stack.deltas
    diff_ids = [*diff_ids_of(app_config), *diff_ids_of(static_config)[len(stack.runtime) :]]
    config = Blob.of(canonical_json(_merged(app_config, state.content_path, diff_ids)), OCI_CONFIG)
    own = [
        replace(layer, media_type=OCI_LAYER) if layer.media_type == DOCKER_LAYER else layer
        for layer in app_manifest.layers
    ]
    notes = {APP: str(app.digest), STATIC: str(static.digest)}
    manifest = Manifest(config.descriptor, (*own, *files), notes)
    copy_blobs(app, own, repository)
    copy_blobs(static, files, repository)
    host, _, path = repository.partition("/")
    registry = connect(host)
    registry.push_blob(path, config)
    return registry.push_manifest(path, manifest, f"fused-{digest_of(manifest.dump()).short}")


def _merged(app: dict[str, object], content_path: str, diff_ids: list[Digest]) -> dict[str, object]:
    """The app's configuration over both images' layers."""
    inner = app.get("config")
    settings = dict(inner) if isinstance(inner, dict) else {}
    volumes = {
        path: what for path, what in (settings.pop("Volumes", None) or {}).items() if path != content_path
    }
    if volumes:
        settings["Volumes"] = volumes
    kept = {key: value for key, value in app.items() if key in {"architecture", "os", "variant", "created"}}
    rootfs = {"type": "layers", "diff_ids": [str(digest) for digest in diff_ids]}
    return {**kept, "config": settings, "rootfs": rootfs}
