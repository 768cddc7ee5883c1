"""A task asks for the disk that its images need, and one that none has is refused."""

import gzip
from typing import Any

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef, Layout
from pipeline.deploy import ephemeral_storage
from pipeline.deploy.compose import compose
from pipeline.deploy.manifest import Weights, release_variable
from pipeline.registry import OCI_CONFIG, OCI_LAYER, Descriptor, Manifest, digest_of
from tests.support.example_releases import PLATFORM, SETTINGS, commits, image

GIB = 2**30
IMAGES = {name: image(name, "a") for name in ("app", "static", "api", "monolith", "site")}


class Shelf:
    """Images by name: layers as (compressed, unpacked) bytes; equal layers are one."""

    def __init__(self, **images: list[tuple[int, int]]) -> None:
        self.images = images

    def __call__(self, host: str) -> "Shelf":
        del host
        return self

    def manifest(self, ref: ImageRef) -> Manifest:
        sizes = self.images[ref.path.rpartition("/")[2]]
        layers = tuple(Descriptor(OCI_LAYER, digest_of(str(size).encode()), size[0]) for size in sizes)
        return Manifest(Descriptor(OCI_CONFIG, digest_of(b""), 0), layers)

    def read_end(self, path: str, layer: Descriptor, count: int) -> bytes:
        sizes = self.images[path.rpartition("/")[2]]
        size = next(size for size in sizes if digest_of(str(size).encode()) == layer.digest)
        return (size[1] % 2**32).to_bytes(count, "little")


def layer(size: int) -> Descriptor:
    return Descriptor(OCI_LAYER, digest_of(b""), size)


def test_gzip_tells_what_it_unpacks_to() -> None:
    packed = gzip.compress(b"x" * 100_000)
    assert ephemeral_storage.unpacked(layer(len(packed)), packed[-4:]) == 100_000


def test_a_layer_beyond_four_gib_is_not_taken_for_a_small_one() -> None:
    size = 9 * GIB
    assert ephemeral_storage.unpacked(layer(size + 1000), (size % 2**32).to_bytes(4, "little")) == size


def test_content_counts_compressed_unpacked_and_copied() -> None:
    shelf = Shelf(app=[(10, 30)], static=[(100, 300), (1, 2)])
    assert ephemeral_storage.needed(IMAGES, Layout.SIDECAR, shelf) == 10 + 30 + 101 + 302 + 302


def test_what_one_image_has_alone_is_copied_nowhere() -> None:
    assert ephemeral_storage.needed(IMAGES, Layout.MONOLITH, Shelf(monolith=[(10, 30)])) == 40
    assert ephemeral_storage.needed(IMAGES, Layout.FUSED, Shelf(site=[(10, 30), (1, 2)])) == 43


def test_a_layer_that_two_images_share_lies_there_once() -> None:
    shelf = Shelf(app=[(10, 30), (5, 7)], static=[(5, 7)])
    assert ephemeral_storage.needed(IMAGES, Layout.SIDECAR, shelf) == 40 + 12 + 7


@pytest.mark.parametrize(("bytes_", "gib"), [(0, None), (18 * GIB, None), (19 * GIB, 21), (180 * GIB, 198)])
def test_a_tenth_is_spared(bytes_: int, gib: int | None) -> None:
    assert ephemeral_storage.gib(bytes_) == gib


def release_of(bytes_: int) -> Any:
    return compose(SETTINGS, "dev", PLATFORM, commits(), IMAGES, why="", storage_bytes=bytes_)


def test_the_task_asks_for_more_disk_where_twenty_gib_are_too_little() -> None:
    release = release_of(30 * GIB)
    assert release.task_definition["ephemeralStorage"] == {"sizeInGiB": 33}
    task = release_variable(release, Weights())["task"]
    assert (task["ephemeral_storage_gib"], task["storage_bytes"]) == (33, 30 * GIB)
    assert "ephemeralStorage" not in release_of(GIB).task_definition


def test_more_than_fargate_has_is_refused() -> None:
    with pytest.raises(TandemError, match=r"needs 220 GiB of disk .* Fargate has 200 at most") as refused:
        release_of(200 * GIB)
    assert 'layout = "fused"' in refused.value.hint
