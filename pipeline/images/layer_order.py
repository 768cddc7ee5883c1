"""Decide whether an app's layers may lie above the content of a fused image."""

import json
import posixpath
import stat
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.private_files import write_private
from pipeline.core.values import ImageRef
from pipeline.images.static.layers.layer_reader import Deletion, Folder, Member, UnreadableLayerError, members
from pipeline.registry import Descriptor, Registry

_FOR_ALL = stat.S_IROTH | stat.S_IXOTH


@dataclass(frozen=True)
class LayerVerdicts:
    """Which layers of the app that was fused last leave the content alone; kept in `file`."""

    file: Path

    def load(self) -> dict[str, bool]:
        """Verdicts by path of the content and digest; none if there is no file, or it is damaged."""
        with suppress(OSError, ValueError, AttributeError):
            verdicts = json.loads(self.file.read_text(encoding="utf-8"))
            return {str(key): verdict is True for key, verdict in verdicts.items()}
        return {}

    def save(self, verdicts: dict[str, bool]) -> None:
        """Replace the verdicts. Without space on the disk layers are read again."""
        with suppress(OSError):
            write_private(self.file, json.dumps(verdicts))


def may_lie_above(
    registry: Registry,
    app: ImageRef,
    layers: Iterable[Descriptor],
    content_path: str,
    known_verdicts: LayerVerdicts | None = None,
) -> bool:
    """Whether no layer of `app` changes what lies at `content_path` (absolute), or at a folder above it.

    Each layer is read as a stream, unless `known_verdicts` has its verdict. One that cannot be unpacked here
    (zstd) counts as changing it.

    Raises:
        TandemError: The registry does not have a layer, or cannot be reached.
    """
    before, verdicts = known_verdicts.load() if known_verdicts else {}, dict[str, bool]()
    for layer in layers:
        key = f"{content_path}@{layer.digest}"
        verdicts[key] = before[key] if key in before else _leaves_alone(registry, app, layer, content_path)
    if known_verdicts and verdicts != before:
        known_verdicts.save(verdicts)
    return all(verdicts.values())


def _leaves_alone(registry: Registry, app: ImageRef, layer: Descriptor, content_path: str) -> bool:
    path = posixpath.normpath(content_path).strip("/")
    with closing(registry.stream_blob(app.path, layer.digest, layer.size)) as pieces:
        try:
            return not any(_changes(entry, path) for entry in members(pieces, f"layer {layer.digest.short}"))
        except UnreadableLayerError:
            return False


def _changes(entry: Member | Deletion | Folder, path: str) -> bool:
    """Whether an entry hides or replaces something at or below `path`, or keeps users from reading it."""
    name = posixpath.normpath(f"/{entry.path}").strip("/")
    if name.startswith(f"{path}/"):
        return True
    if name and name != path and not path.startswith(f"{name}/"):
        return False
    return not isinstance(entry, Folder) or entry.head.mode & _FOR_ALL != _FOR_ALL
