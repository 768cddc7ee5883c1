"""Compare a task definition with the images that it names: processor, command, ports, volumes, storage."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.deploy.preflight.container_images import ContainerImage, OpenRegistry, read_images
from pipeline.deploy.preflight.layer_entries import KeptEntries
from pipeline.deploy.preflight.volume_content import check_content
from pipeline.registry import connect
from render.finding import Finding, Node

_ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}
_GIB = 2**30
_DEFAULT_STORAGE = 20  # GiB that each Fargate task has


def check(
    task_definition: Mapping[str, Any],
    open_registry: OpenRegistry = connect,
    cache: KeptEntries | None = None,
) -> list[Finding]:
    """Every difference, as findings by the task definition's paths; images named by tag are not checked.

    The entries of layers that are in `cache` are not read again.
    """
    root = Node(task_definition)
    images, findings = read_images(root, open_registry)
    for container in root.containers():
        image = images.get(container.text("name"))
        if image:
            findings += [
                *_architecture(root, container, image),
                *_command(container, image),
                *_ports(container, image),
                *_volumes(root, container, image, open_registry, cache),
            ]
    return sorted({*findings, *_storage(root, images)})


def _architecture(root: Node, container: Node, image: ContainerImage) -> Iterator[Finding]:
    of_task = root.node("runtimePlatform").text("cpuArchitecture") or "X86_64"
    expected, of_image = _ARCHITECTURES.get(of_task, of_task), image.config.get("architecture")
    if of_image != expected:
        yield Finding(
            container.at("image"),
            f"the image is for {of_image}, the task for {of_task}",
            "build it for that architecture, or change task.architecture in tandem.toml",
        )


def _command(container: Node, image: ContainerImage) -> Iterator[Finding]:
    has_command = container.has("command") or container.has("entryPoint")
    if not has_command and not (image.settings.get("Entrypoint") or image.settings.get("Cmd")):
        yield Finding(
            container.at("image"),
            "the image has neither ENTRYPOINT nor CMD, so its container cannot start",
            "give its Dockerfile a CMD; a data image needs one that exits 0",
        )


def _ports(container: Node, image: ContainerImage) -> Iterator[Finding]:
    exposed_ports = image.settings.get("ExposedPorts") or {}
    for mapping in container.nodes("portMappings"):
        port = f"{mapping.number('containerPort')}/{mapping.text('protocol') or 'tcp'}"
        if exposed_ports and port not in exposed_ports:
            yield Finding(
                mapping.at("containerPort"),
                f"the image exposes {', '.join(sorted(exposed_ports))}, not {port}",
                "EXPOSE it in the Dockerfile, or change task.port in tandem.toml",
            )


def _volumes(
    root: Node,
    container: Node,
    image: ContainerImage,
    open_registry: OpenRegistry,
    cache: KeptEntries | None,
) -> Iterator[Finding]:
    """A volume gets the image's content, owner and mode only if a VOLUME of the image has the same path."""
    readers = {
        source.text("sourceContainer") for item in root.containers() for source in item.nodes("volumesFrom")
    }
    for mount in container.nodes("mountPoints"):
        path = mount.text("containerPath")
        if path not in image.volumes:
            volumes = ", ".join(sorted(image.volumes)) or "none"
            effect, hint = _without_volume(path, is_read=container.text("name") in readers)
            yield Finding(
                mount.at("containerPath"), f"the image's VOLUME is {volumes}, not {path}, so {effect}", hint
            )
        elif container.text("name") in readers:
            yield from check_content(container, image, path, open_registry, cache)


def _without_volume(path: str, *, is_read: bool) -> tuple[str, str]:
    """What happens to a volume that the image does not declare, and the change in the Dockerfile."""
    if is_read:
        return "nothing is copied into the volume", f"VOLUME {path} in the Dockerfile, behind its content"
    return (
        "the volume belongs to root, and the app's user cannot write to it",
        f"VOLUME {path} in the Dockerfile, or read_only = false under [task] in tandem.toml",
    )


def _storage(root: Node, images: Mapping[str, ContainerImage]) -> Iterator[Finding]:
    """A task stores compressed, unpacked and copied bytes; no layer shrinks by unpacking."""
    gib = root.node("ephemeralStorage").number("sizeInGiB") or _DEFAULT_STORAGE
    distinct = {image.ref: image.bytes for image in images.values()}
    copied_bytes = sum(
        images[container.text("name")].bytes
        for container in root.containers()
        if container.text("name") in images and container.has("mountPoints")
    )
    needed_bytes = 2 * sum(distinct.values()) + copied_bytes
    if needed_bytes > gib * _GIB:
        yield Finding(
            root.node("ephemeralStorage").at("sizeInGiB"),
            f"the images need at least {needed_bytes / _GIB:.0f} GiB; the task has {gib}",
            "raise the ephemeral storage (21 to 200 GiB)",
        )
