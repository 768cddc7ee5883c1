"""Read the images of a task definition's containers from their registry; no image is pulled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.registry import Manifest
from render.finding import Finding, Node


class ImageRegistry(Protocol):
    """The methods of a registry that the checks call."""

    def exists(self, ref: ImageRef) -> bool:
        """Whether the registry has the image."""

    def find(self, ref: ImageRef) -> Manifest | None:
        """The image's manifest; None if the registry does not have it."""

    def manifest(self, ref: ImageRef) -> Manifest:
        """The image's manifest; TandemError if it cannot be read."""

    def config(self, ref: ImageRef, manifest: Manifest | None = None) -> dict[str, Any]:
        """The image's OCI configuration."""

    def has_blob(self, path: str, digest: Digest) -> bool:
        """Whether repository `path` has the blob."""

    def read_blob(self, path: str, digest: Digest) -> bytes:
        """The content of a small blob in repository `path`."""


OpenRegistry = Callable[[str], ImageRegistry]
"""Returns the registry at a host."""


@dataclass(frozen=True)
class ContainerImage:
    """The image of one container: its reference, manifest and OCI configuration."""

    ref: ImageRef
    manifest: Manifest
    config: Mapping[str, Any]

    @property
    def settings(self) -> Mapping[str, Any]:
        """The part of the configuration that a container starts with."""
        return self.config.get("config") or {}

    @property
    def volumes(self) -> set[str]:
        """The paths of its VOLUMEs."""
        return set(self.settings.get("Volumes") or {})

    @property
    def bytes(self) -> int:
        """The compressed size of all layers."""
        return sum(layer.size for layer in self.manifest.layers)


def read_images(root: Node, open_registry: OpenRegistry) -> tuple[dict[str, ContainerImage], list[Finding]]:
    """The images of a task definition by container name, and a finding for each that cannot be read.

    Left out are containers whose image is named by tag, and images that the registry does not have: `images`
    reports those, and knows whether any command builds them again.
    """
    images, findings = {}, []
    for container in root.containers():
        if "@" not in container.text("image"):
            continue
        try:
            ref = ImageRef.parse(container.text("image"))
            registry = open_registry(ref.host)
            manifest = registry.find(ref)
            if manifest is None:
                continue
            config = registry.config(ref, manifest)
            images[container.text("name")] = ContainerImage(ref, manifest, config)
        except TandemError as error:
            findings.append(Finding(container.at("image"), error.message, error.hint or "build it again"))
    return images, findings
