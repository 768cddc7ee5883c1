"""Provide the base images: official ones where a registry answers, else built from Debian's packages."""

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import docker
from docker.errors import APIError, DockerException, ImageNotFound
from docker.models.images import Image
from filelock import FileLock
from requests.exceptions import RequestException

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.json_text import parse_json
from pipeline.core.paths import IMAGES
from pipeline.core.private_files import private_folder
from pipeline.core.settings import Project
from pipeline.images.bases import recipe
from pipeline.images.bases.debian_image import archived_image_id, machine_architecture, write_archive
from pipeline.images.bases.pins import by_digest
from pipeline.images.docker import docker_architecture

FOLDER = IMAGES / "base"
IMAGE_BASES = ("busybox", "nginx", "python")
"""The bases of the images that a release builds; the others are the local stack's."""
NAMES = ("registry", *IMAGE_BASES, "haproxy")
_PROBE_SECONDS = 5
_AT_ONCE = 2


@dataclass(frozen=True)
class Bases:
    """The base images of one stack."""

    client: docker.DockerClient
    stack: str
    cache: Path
    recipes: recipe.Recipes
    progress: Callable[[str], None]
    architecture: str = field(default_factory=machine_architecture)
    """The processor of the images, in Docker's words."""

    @classmethod
    def ensure(
        cls,
        project: Project,
        stack_id: str,
        progress: Callable[[str], None] = console.info,
        names: Sequence[str] = NAMES,
        architecture: str = "",
    ) -> dict[str, str]:
        """The local tag of each base in `names`; bases that Docker does not hold are loaded, pulled or built.

        `architecture` is such as amd64 or arm64; empty for Docker's own.

        Raises:
            TandemError: Docker does not answer, or a base can be neither pulled nor built.
        """
        cache = _cache(project)
        private_folder(cache)
        client = _client()
        target = architecture or docker_architecture(client)
        bases = cls(client, stack_id, cache, recipe.read(FOLDER), progress, target)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(names, pool.map(bases.provide, names), strict=True))

    def provide(self, name: str) -> str:
        """The local tag of one base; several processes may call it at once.

        Raises:
            TandemError: The base can be neither pulled nor built.
        """
        with FileLock(self.cache / f"{name}.lock"):
            image = (
                self._remembered(name) or self._archived(name) or self._official(name) or self._build(name)
            )
            return self._tag(name, image)

    @cached_property
    def _registry_answers(self) -> bool:
        """Whether the registry answers, asked once with a short timeout instead of a minute for each base."""
        probe = _client(_PROBE_SECONDS)
        try:
            probe.images.get_registry_data(by_digest(self.recipes.by_name["busybox"].official))
        except (DockerException, RequestException):
            return False
        else:
            return True
        finally:
            probe.close()

    def _remembered(self, name: str) -> Image | None:
        """The image that an earlier call chose for the same recipe, if Docker still has it."""
        note = self._note(name)
        try:
            choice = parse_json(note.read_text(encoding="utf-8"))
            return self.client.images.get(choice["image"])
        except (FileNotFoundError, ValueError, KeyError, ImageNotFound):
            return None

    def _archived(self, name: str) -> Image | None:
        """The image from the archive that an earlier call built."""
        file = self._archive(name)
        return self._load(file) if file.exists() else None

    def _official(self, name: str) -> Image | None:
        official = by_digest(self.recipes.by_name[name].official)
        existing = self._existing(official)
        if existing and existing.attrs.get("Architecture") == self.architecture:
            return existing
        if not self._registry_answers:
            return None
        self.progress(f"base {name}: pulling {official}")
        try:
            image = self.client.images.pull(official, platform=f"linux/{self.architecture}")
        except APIError as error:
            self.progress(f"base {name}: {official} cannot be pulled: {error.explanation}")
            return None
        # The user did not ask for this name: it returns to the user's image; the pulled one gets another.
        self._tag(name, image)
        self.client.images.remove(official, noprune=True)
        if existing:
            existing.tag(official)
        return image

    def _existing(self, official: str) -> Image | None:
        """The image that the user has by this name."""
        try:
            return self.client.images.get(official)
        except ImageNotFound:
            return None

    def _build(self, name: str) -> Image:
        file = self._archive(name)
        write_archive(self.recipes.by_name[name], self.recipes.folder, file, self.progress, self.architecture)
        return self._load(file)

    def _load(self, file: Path) -> Image:
        try:
            with file.open("rb") as stream:
                self.client.images.load(stream)
            return self.client.images.get(archived_image_id(file))
        except (APIError, ImageNotFound) as error:
            raise TandemError(f"Docker does not take {file}: {error}", hint=f"rm {file}") from error

    def _tag(self, name: str, image: Image) -> str:
        tag = _local_tag(self.stack, name, self.recipes.key(name), str(image.id))
        image.tag(*tag.split(":"))
        self._note(name).write_text(json.dumps({"image": image.id}), encoding="utf-8")
        return tag

    def _archive(self, name: str) -> Path:
        return _archive(self.cache, name, self.architecture, self.recipes.key(name))

    def _note(self, name: str) -> Path:
        return self._archive(name).with_suffix(".json")


def known_tags(project: Project, stack_id: str, names: Sequence[str], architecture: str) -> dict[str, str]:
    """The local tags of the bases in `names` that this machine chose before; Docker is not asked."""
    recipes, cache = recipe.read(FOLDER), _cache(project)
    tags = {}
    for name in names:
        note = _archive(cache, name, architecture, recipes.key(name)).with_suffix(".json")
        with suppress(OSError, ValueError, KeyError):
            choice = parse_json(note.read_text(encoding="utf-8"))
            tags[name] = _local_tag(stack_id, name, recipes.key(name), str(choice["image"]))
    return tags


def _cache(project: Project) -> Path:
    return project.state / "cache" / "bases"


def _archive(cache: Path, name: str, architecture: str, key: str) -> Path:
    return cache / f"{name}-{architecture}-{key}.tar"


def _local_tag(stack: str, name: str, key: str, image_id: str) -> str:
    return f"tandem-{stack}/base-{name}:{hashlib.sha256(f'{key} {image_id}'.encode()).hexdigest()[:12]}"


def _client(timeout: int = 600) -> docker.DockerClient:
    try:
        return docker.from_env(timeout=timeout)
    except DockerException as error:
        raise TandemError(f"Docker does not answer: {error}", hint="docker info") from error
