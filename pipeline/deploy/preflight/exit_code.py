"""Prove that the containers which others wait for exit 0: run each once, apart, and remember that it did.

Nothing of the content is needed: of an image that was assembled from git only the small image below runs, so
that a change of content costs one look at a file.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.deploy.preflight import image_contract as contract
from pipeline.images.docker import docker_architecture
from pipeline.images.run_once import ContainerProcess, DockerClient, find_image, run_once
from pipeline.images.static.image.assembly import BASE_DIGEST
from pipeline.images.transfer import pull_image
from pipeline.local.context import LABEL
from pipeline.registry import Manifest, connect
from render.finding import Finding, Node

SECONDS = 30.0
_LARGEST = 200_000_000  # bytes that are pulled for a proof; a larger image is proved where it was built
_WAITED_FOR = {"SUCCESS", "COMPLETE"}
_HINT = 'its command must end by itself with 0: CMD ["true"]'


@dataclass(frozen=True)
class Start:
    """All that decides how a container ends: an image, and what is run in it as whom."""

    image: str
    process: ContainerProcess

    @property
    def key(self) -> str:
        facts = {"image": self.image, **asdict(self.process)}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class ExitCodeCheck:
    """Proves on this machine's Docker Engine; what was proved is noted in `folder`."""

    folder: Path
    stack: str
    docker: Callable[[], DockerClient]
    seconds: float = SECONDS

    def run(
        self, task_definition: Mapping[str, Any], registry: Callable[[str], contract.Images] = connect
    ) -> Iterator[Finding]:
        """The containers that do not exit 0. What cannot be run here is said, and is no finding."""
        root = Node(task_definition)
        waited_for = {
            item.text("containerName")
            for container in root.containers()
            for item in container.nodes("dependsOn")
            if item.text("condition") in _WAITED_FOR
        }
        found, _ = contract.images(root, registry)
        for container in root.containers():
            image = found.get(container.text("name"))
            if image and container.text("name") in waited_for:
                yield from self._proved(container, image, registry)

    def _proved(
        self, container: Node, image: contract.Image, registry: Callable[[str], contract.Images]
    ) -> Iterator[Finding]:
        ref, manifest = _runs(image, registry)
        start = _start(container, image, ref)
        note = self.folder / start.key
        if note.is_file():
            return
        try:
            local = self._local(ref, manifest, str(image.config.get("architecture")))
            problem = self._run(local, start)
        except TandemError as error:
            console.info(f"   not proved that {container.text('name')} exits 0: {error}", style="yellow")
            return
        if problem:
            yield Finding(container.at("image"), problem, _HINT)
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
            note.write_text(f"{ref}\n", encoding="utf-8")

    def _local(self, ref: ImageRef, manifest: Manifest, architecture: str) -> str:
        """The image's name in Docker, pulled if it is small; TandemError says why it cannot run here."""
        client = self.docker()
        here = docker_architecture(client)
        if here != architecture:
            raise TandemError(f"the image is for {architecture}, Docker here runs {here}")
        image_id = find_image(client, (str(manifest.config.digest), str(ref)))
        if image_id:
            return image_id
        if manifest.size > _LARGEST:
            raise TandemError(f"{ref} is not in Docker here, and has {manifest.size / 1e6:.0f} MB")
        return pull_image(client, ref)

    def _run(self, image: str, start: Start) -> str:
        """What is wrong with the container's end, or nothing."""
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


def _runs(image: contract.Image, registry: Callable[[str], contract.Images]) -> tuple[ImageRef, Manifest]:
    """The image to run: the small one below, where only content was put on top of it."""
    below = image.manifest.annotations.get(BASE_DIGEST)
    if below:
        ref = ImageRef(image.ref.repository, Digest.parse(below))
        at = registry(ref.host)
        if at.exists(ref):
            return ref, at.manifest(ref)
    return image.ref, image.manifest


def _start(container: Node, image: contract.Image, ref: ImageRef) -> Start:
    """As ECS would start it: the task definition's word over the image's own."""
    own, given = image.settings, container.value
    replaced = container.has("entryPoint")
    variables = {str(item["name"]): str(item.get("value", "")) for item in given.get("environment") or ()}
    process = ContainerProcess(
        entrypoint=tuple(given["entryPoint"] if replaced else own.get("Entrypoint") or ()),
        command=tuple(given.get("command") or (() if replaced else own.get("Cmd") or ())),
        user=str(given.get("user") or own.get("User") or ""),
        folder=str(given.get("workingDirectory") or own.get("WorkingDir") or ""),
        environment=tuple(
            sorted([*(own.get("Env") or ()), *(f"{name}={value}" for name, value in variables.items())])
        ),
        read_only=bool(given.get("readonlyRootFilesystem")),
    )
    return Start(str(ref.digest), process)
