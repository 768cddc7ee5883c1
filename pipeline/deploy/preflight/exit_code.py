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

from docker import DockerClient
from docker.errors import APIError, DockerException, ImageNotFound
from requests.exceptions import RequestException

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.deploy.preflight import image_contract as contract
from pipeline.images.docker import docker_architecture, pull_image
from pipeline.images.static.image.manifest import BASE_DIGEST
from pipeline.local.context import LABEL
from pipeline.registry import Manifest, connect
from render.finding import Finding, Node

SECONDS = 30.0
_LARGEST = 200_000_000  # bytes that are pulled for a proof; a larger image is proved where it was built
_WAITED_FOR = {"SUCCESS", "COMPLETE"}
_LAST_LINES = 5
_MEND = 'its command must end by itself with 0: CMD ["true"]'


@dataclass(frozen=True)
class Start:
    """All that decides how a container ends: an image, and what is run in it as whom."""

    image: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    user: str
    folder: str
    environment: tuple[str, ...]
    read_only: bool

    @property
    def key(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Proof:
    """Proves on this machine's Docker Engine; what was proved is noted in `folder`."""

    folder: Path
    stack: str
    docker: Callable[[], DockerClient]
    seconds: float = SECONDS

    def check(
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
        except (TandemError, DockerException, RequestException) as error:
            console.info(f"   not proved that {container.text('name')} exits 0: {error}", style="yellow")
            return
        if problem:
            yield Finding(container.at("image"), problem, _MEND)
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
            note.write_text(f"{ref}\n", encoding="utf-8")

    def _local(self, ref: ImageRef, manifest: Manifest, architecture: str) -> str:
        """The image's name in Docker, pulled if it is small; TandemError says why it cannot run here."""
        client = self.docker()
        here = docker_architecture(client)
        if here != architecture:
            raise TandemError(f"the image is for {architecture}, Docker here runs {here}")
        for name in (str(manifest.config.digest), str(ref)):
            try:
                return str(client.images.get(name).id)
            except ImageNotFound:
                continue
        if manifest.size > _LARGEST:
            raise TandemError(f"{ref} is not in Docker here, and has {manifest.size / 1e6:.0f} MB")
        return pull_image(client, ref)

    def _run(self, image: str, start: Start) -> str:
        """What is wrong with it, or nothing; the container and its volumes are gone afterwards."""
        containers: Any = self.docker().containers  # its stubs know neither lists nor labels of this kind
        made = containers.create(
            image,
            list(start.command),
            entrypoint=list(start.entrypoint) or None,
            user=start.user or None,
            working_dir=start.folder or None,
            environment=list(start.environment),
            read_only=start.read_only,
            network_mode="none",
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            labels={f"{LABEL}.stack": self.stack, f"{LABEL}.role": "proof"},
        )
        try:
            return self._ended(made)
        finally:
            made.remove(v=True, force=True)

    def _ended(self, container: Any) -> str:  # noqa: ANN401 - a container of Docker's library
        try:
            container.start()
        except APIError as error:
            return f"its container cannot start: {error.explanation}"
        try:
            code = container.wait(timeout=self.seconds)["StatusCode"]
        except RequestException:
            return f"its container does not end within {self.seconds:.0f} s, and the app waits for that"
        lines = container.logs(tail=_LAST_LINES).decode(errors="replace").split("\n")
        said = "; ".join(line.strip() for line in lines if line.strip())
        return f"its container exits with code {code}, not 0" + (f": {said}" if said else "") if code else ""


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
    return Start(
        image=str(ref.digest),
        entrypoint=tuple(given["entryPoint"] if replaced else own.get("Entrypoint") or ()),
        command=tuple(given.get("command") or (() if replaced else own.get("Cmd") or ())),
        user=str(given.get("user") or own.get("User") or ""),
        folder=str(given.get("workingDirectory") or own.get("WorkingDir") or ""),
        environment=tuple(
            sorted([*(own.get("Env") or ()), *(f"{name}={value}" for name, value in variables.items())])
        ),
        read_only=bool(given.get("readonlyRootFilesystem")),
    )
