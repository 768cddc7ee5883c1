"""The site that is measured: content with a file for each workload, and its images in every layout."""

import gzip
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.compare.engine import require_disk
from pipeline.compare.measured_settings import require_content_of_files, with_example_sources
from pipeline.compare.serving.workloads import FOLDER, small_paths
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, Settings
from pipeline.core.values import ImageRef, Layout, Source
from pipeline.git import sources
from pipeline.images.builder import ImageBuilder
from pipeline.local.examples.bulk_content import BulkFile
from pipeline.local.examples.repositories import make_examples
from pipeline.records.build_records import Recorded

_PAGE, _TEXT, _ASSET = 4_000, 60_000, 4_000_000
_SMALLEST, _SPREAD = 200, 1_000
IMAGES: Mapping[Layout, tuple[str, ...]] = {
    Layout.MONOLITH: ("monolith",),
    Layout.SIDECAR: ("app", "static"),
    Layout.FUSED: ("app", "static"),
}
"""The images that are built; `fused` joins them in the registry."""


class NoRecords:
    """Takes the place of the records: builds for another comparison are no measured builds."""

    def add(self, record: Recorded) -> None:
        """Leave it."""


def files() -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each file that a workload asks for; the same on every machine."""
    page = BulkFile(f"{FOLDER}/page.html", _PAGE).data
    text = BulkFile(f"{FOLDER}/text.html", _TEXT).data
    yield f"{FOLDER}/page.html", page
    yield f"{FOLDER}/asset.bin", BulkFile(f"{FOLDER}/asset.bin", _ASSET).data
    yield f"{FOLDER}/text.js", text
    yield f"{FOLDER}/text.js.gz", gzip.compress(text, mtime=0)
    yield f"{FOLDER}/text.htm", text
    for number, path in enumerate(small_paths()):
        yield path, BulkFile(path, _SMALLEST + number % _SPREAD).data


def content_bytes() -> int:
    """Bytes of the files that the workloads ask for."""
    return sum(len(data) for _, data in files())


@contextmanager
def project_with_content(project: Project, label: str, count: int) -> Iterator[Project]:
    """The example app with `count` bytes of content in a temporary folder; `label` names the size.

    No file gets a compressed sibling but the one that is committed: every layout serves the same files.

    Raises:
        TandemError: the size has no room for the workloads' files, or the disk has none for the images.
    """
    own = content_bytes()
    if count < own:
        raise TandemError(
            f"{label} of content are too few: the files that are asked for have {own / 1e6:.0f} MB alone",
            hint='tandem compare serving --size "20 MB"',
        )
    with tempfile.TemporaryDirectory(prefix="tandem-serving-") as name:
        folder = Path(name)
        require_disk(folder, count, shutil.disk_usage(folder).free, 'tandem compare serving --size "20 MB"')
        console.info(f"-> making {label} of content")
        _write(folder / "content")
        settings = with_example_sources(project.settings, count - own)
        settings["sources"]["static"]["repository"] = str(folder / "content")
        yield make_examples(Project(folder, _comparable(settings)))


def own_project(project: Project, content: int) -> Project:
    """The project with `content` bytes of its own content, built and run like every measured site.

    Raises:
        TandemError: a Dockerfile makes the content, or the disk has no room for the images.
    """
    require_content_of_files(project, 'tandem compare serving --size "20 MB"')
    require_disk(
        project.root, content, shutil.disk_usage(project.root).free, 'tandem compare serving --size "20 MB"'
    )
    return replace(project, settings=_comparable(project.settings.model_dump()))


def _comparable(settings: dict[str, Any]) -> Settings:
    """Settings for tasks without secrets, whose content no builder compresses: the bloated image cannot."""
    settings["static"] |= {"precompress": [], "builder": "layers"}
    settings["task"] |= {"secrets": {}, "environment_files": []}
    return Settings.model_validate(settings)


def _write(folder: Path) -> None:
    shutil.copytree(ROOT / "examples" / "static", folder)
    for path, data in files():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def build_images(builder: ImageBuilder, place: str, layouts: tuple[Layout, ...]) -> dict[str, ImageRef]:
    """Build and push what the layouts run to repositories below `place` (host/path); images by name.

    Raises:
        TandemError: a build or a push failed.
    """
    names = dict.fromkeys(name for layout in layouts for name in IMAGES[layout])
    repositories = {name: f"{place}/{name}" for name in (*names, "site")}
    own = replace(builder, repositories=repositories, records=NoRecords(), scenario="compare")
    commits = {source: sources.head(own.project, source) for source in (Source.APP, Source.STATIC)}
    images = {name: own.image(name, commits, None) for name in names}
    if Layout.FUSED in layouts:
        images["site"] = own.fuse(images["app"], images["static"])
    return images
