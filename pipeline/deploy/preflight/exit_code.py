"""Check that containers on which others depend exit with 0: run each once on this machine's Docker.

A success is recorded in a file, and the container is not run again. Of a static image that was assembled from
git only its small runtime image runs, so a change of the content needs no new run.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.private_files import private_folder
from pipeline.core.values import Digest, ImageRef
from pipeline.deploy.preflight.container_images import ContainerImage, OpenRegistry, read_images
from pipeline.images.docker import docker_architecture
from pipeline.images.run_once import ContainerProcess, DockerClient, find_image, run_once
from pipeline.images.static.image.assembly import BASE_DIGEST
from pipeline.images.transfer import pull_image
from pipeline.local.context import LABEL
from pipeline.registry import Manifest, connect
from render.finding import Finding, Node

SECONDS = 30.0
_MAX_PULL = 200_000_000  # bytes; a larger image is only run on the machine that built it
_WAITS_FOR_END = {"SUCCESS", "COMPLETE"}
_HINT = 'its command must end by itself with 0: CMD ["true"]'


@dataclass(frozen=True)
class ContainerStart:
    """An image digest and the process to run: together they decide how a container ends."""

    image: str
    process: ContainerProcess

    @property
    def key(self) -> str:
        """The name of the file that records a success."""
        facts = {"image": self.image, **asdict(self.process)}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class ExitCodeCheck:
    """Runs containers on this machine's Docker Engine and records successes in `folder`.

    A container must end within `seconds`. `stack` labels the containers.
    """

    folder: Path
    stack: str
    docker: Callable[[], DockerClient]
    seconds: float = SECONDS

    def run(
        self, task_definition: Mapping[str, Any], open_registry: OpenRegistry = connect
    ) -> Iterator[Finding]:
        """A finding for each container that does not exit with 0.

        The console names a container that cannot run on this machine; that is no finding.
        """
        root = Node(task_definition)
        must_end = {
            dependency.text("containerName")
            for container in root.containers()
            for dependency in container.nodes("dependsOn")
            if dependency.text("condition") in _WAITS_FOR_END
        }
        images, _ = read_images(root, open_registry)
        for container in root.containers():
            image = images.get(container.text("name"))
            if image and container.text("name") in must_end:
                yield from self._check(container, image, open_registry)

    def _check(
        self, container: Node, image: ContainerImage, open_registry: OpenRegistry
    ) -> Iterator[Finding]:
        ref, manifest = _image_to_run(image, open_registry)
        start = _container_start(container, image, ref)
        record = self.folder / start.key
        if record.is_file():
            return
        try:
            docker_image = self._docker_image(ref, manifest, str(image.config.get("architecture")))
            problem = self._run(docker_image, start)
        except TandemError as error:
            console.info(f"   not proved that {container.text('name')} exits 0: {error}", style="yellow")
            return
        if problem:
            yield Finding(container.at("image"), problem, _HINT)
        else:
            private_folder(self.folder)
            record.write_text(f"{ref}\n", encoding="utf-8")

    def _docker_image(self, ref: ImageRef, manifest: Manifest, architecture: str) -> str:
        """The image's name in Docker, pulled if it is small; TandemError if it cannot run on this machine."""
        client = self.docker()
        here = docker_architecture(client)
        if here != architecture:
            raise TandemError(f"the image is for {architecture}, Docker here runs {here}")
        image_id = find_image(client, (str(manifest.config.digest), str(ref)))
        if image_id:
            return image_id
        if manifest.size > _MAX_PULL:
            raise TandemError(f"{ref} is not in Docker here, and has {manifest.size / 1e6:.0f} MB")
        return pull_image(client, ref)

    def _run(self, image: str, start: ContainerStart) -> str:
        """Run the container; returns what is wrong with its end, or an empty text."""
        labels = {f"{LABEL}.stack": self.stack, f"{LABEL}.role": "proof"}
        end = run_once(self.docker(), image, start.process, seconds=self.seconds, labels=labels)
        if end.start_error:
            return f"its container cannot start: {end.start_error}"
        if end.exit_code is None:
            return f"its container does not end within {self.seconds:.0f} s, and the app waits for that"
        if end.exit_code == 0:
            return ""
        output = f": {'; '.join(end.last_lines)}" if end.last_lines else ""
        return f"its container exits with code {end.exit_code}, not 0{output}"


def _image_to_run(image: ContainerImage, open_registry: OpenRegistry) -> tuple[ImageRef, Manifest]:
    """The image itself, or its small runtime image if it was assembled from that and content."""
    runtime_digest = image.manifest.annotations.get(BASE_DIGEST)
    if runtime_digest:
        ref = ImageRef(image.ref.repository, Digest.parse(runtime_digest))
        registry = open_registry(ref.host)
        if registry.exists(ref):
            return ref, registry.manifest(ref)
    return image.ref, image.manifest


def _container_start(container: Node, image: ContainerImage, ref: ImageRef) -> ContainerStart:
    """The process that ECS would start: the task definition overrides the settings of the image."""
    defaults, overrides = image.settings, container.value
    has_entrypoint = container.has("entryPoint")
    variables = {str(item["name"]): str(item.get("value", "")) for item in overrides.get("environment") or ()}
    process = ContainerProcess(
        entrypoint=tuple(overrides["entryPoint"] if has_entrypoint else defaults.get("Entrypoint") or ()),
        command=tuple(overrides.get("command") or (() if has_entrypoint else defaults.get("Cmd") or ())),
        user=str(overrides.get("user") or defaults.get("User") or ""),
        folder=str(overrides.get("workingDirectory") or defaults.get("WorkingDir") or ""),
        environment=tuple(
            sorted([*(defaults.get("Env") or ()), *(f"{name}={value}" for name, value in variables.items())])
        ),
        read_only=bool(overrides.get("readonlyRootFilesystem")),
    )
    return ContainerStart(str(ref.digest), process)
