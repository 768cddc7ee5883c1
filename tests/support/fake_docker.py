"""The edge of Docker that builds use, in this process: `build`, `push`, and images by name.

A build puts the files of its context into one layer, so that equal contexts give equal images; a push sends
that image to a real registry.
"""

import gzip
import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from docker.errors import ImageNotFound

from pipeline.registry import (
    DOCKER_LAYER,
    DOCKER_MANIFEST,
    Blob,
    Manifest,
    canonical_json,
    connect,
    digest_of,
)

_CONFIG = "application/vnd.docker.container.image.v1+json"


@dataclass(frozen=True)
class Contents:
    """An image: its only layer, unpacked and as a blob, and its configuration."""

    layer: Blob
    config: Blob

    @classmethod
    def of(cls, files: Mapping[str, bytes], settings: Mapping[str, Any]) -> "Contents":
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w") as tar:
            for name, data in sorted(files.items()):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(data), 0o755
                tar.addfile(entry, io.BytesIO(data))
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": dict(settings),
            "rootfs": {"type": "layers", "diff_ids": [str(digest_of(plain.getvalue()))]},
        }
        return cls(
            Blob.of(gzip.compress(plain.getvalue(), mtime=0), DOCKER_LAYER),
            Blob.of(canonical_json(config), _CONFIG),
        )

    @property
    def id(self) -> str:
        return str(self.config.descriptor.digest)


@dataclass
class Image:
    """What `images.get` returns."""

    docker: "FakeDocker"
    id: str

    @property
    def attrs(self) -> dict[str, Any]:
        return {"Size": self.docker.contents[self.id].layer.descriptor.size}

    @property
    def tags(self) -> list[str]:
        return [name for name, image_id in self.docker.names.items() if image_id == self.id]

    def tag(self, repository: str, tag: str) -> None:
        self.docker.names[f"{repository}:{tag}"] = self.id


@dataclass
class FakeDocker:
    """Plays `docker.DockerClient`. A build whose Dockerfile contains `RUN false` fails."""

    contents: dict[str, Contents] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    builds: list[dict[str, Any]] = field(default_factory=list)
    pushes: list[str] = field(default_factory=list)
    hooks: dict[str, list[object]] = field(default_factory=lambda: {"response": []})

    @property
    def api(self) -> "FakeDocker":
        return self

    @property
    def images(self) -> "FakeDocker":
        return self

    def add(self, name: str, files: Mapping[str, bytes], settings: Mapping[str, Any]) -> str:
        """Put an image there, as a build or a pull would."""
        contents = Contents.of(files, settings)
        self.contents[contents.id] = contents
        self.names[name] = contents.id
        return contents.id

    def get(self, name: str) -> Image:
        image_id = name if name in self.contents else self.names.get(name)
        if image_id is None:
            raise ImageNotFound(name)
        return Image(self, image_id)

    def remove(self, name: str, **_: Any) -> None:
        if self.names.pop(name, None) is None:
            self.contents.pop(name)

    def build(
        self, *, fileobj: IO[bytes], dockerfile: str, tag: str, **options: Any
    ) -> Iterator[dict[str, str]]:
        return self._built(self.received(fileobj), dockerfile, tag, options)

    def _built(
        self, files: Mapping[str, bytes], dockerfile: str, tag: str, options: dict[str, Any]
    ) -> Iterator[dict[str, str]]:
        text = files[dockerfile].decode()
        self.builds.append({"dockerfile": text, "tag": tag, **options})
        yield {"stream": "Step 1/1 : RUN make"}
        if "RUN false" in text:
            yield {"error": "the command returned a non-zero code: 1"}
            return
        ignored = files.get(".dockerignore", b"").decode().splitlines()
        kept = {name: data for name, data in files.items() if name not in ignored}
        self.add(tag, kept, {"Cmd": ["serve"], "Labels": options["buildargs"]})

    def received(self, archive: IO[bytes]) -> dict[str, bytes]:
        """The files of a build's context by their path."""
        with archive, tarfile.open(fileobj=archive) as tar:
            entries = [(each.name, tar.extractfile(each)) for each in tar if each.isfile()]
            return {name: content.read() for name, content in entries if content}

    def push(self, repository: str, tag: str, **_: Any) -> Iterator[dict[str, Any]]:
        host, _, path = repository.partition("/")
        contents = self.contents[self.names[f"{repository}:{tag}"]]
        registry = connect(host)
        for blob in (contents.layer, contents.config):
            registry.push_blob(path, blob)
        layers = (contents.layer.descriptor,)
        manifest = Manifest(contents.config.descriptor, layers, {}, DOCKER_MANIFEST)
        digest = registry.push_manifest(path, manifest, tag).digest
        self.pushes.append(repository)
        yield {"aux": {"Digest": str(digest)}}
