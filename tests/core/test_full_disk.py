"""A full disk, for real: file systems of two megabytes. The CLI calls its OSError a full disk."""

import os
import shutil
import subprocess

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project
from pipeline.core.values import Source
from pipeline.git import sources
from pipeline.images.bases import recipe
from pipeline.images.bases.debian_image import write_archive
from pipeline.images.bases.provide import FOLDER
from pipeline.local.examples.repositories import make_examples
from tests.support.repositories import project_of

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system: root only")


@pytest.fixture
def small(tmp_path):
    """A disk of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def copy_examples(folder):
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))


def with_bulk(root, size):
    settings = project_of(root).settings
    return Project(
        root, settings.model_copy(update={"local": settings.local.model_copy(update={"bulk": size})})
    )


@pytest.mark.slow
@needs_root
def test_example_repository_that_does_not_fit_leaves_nothing(small):
    """Static's bulk fills the disk. The others, made beside it, may find it full as well."""
    copy_examples(small)
    project = with_bulk(small, 5_000_000)
    with pytest.raises(TandemError, match="cannot make the example repository"):
        make_examples(project)
    assert [file.name for file in (project.state / "repos").glob("*static*")] == ["static.lock"]
    made = make_examples(with_bulk(small, 1000))
    assert all(sources.head(made, source).subject.startswith("Begin") for source in Source)


@pytest.mark.slow
@needs_root
def test_checkout_that_does_not_fit_leaves_nothing(small, tmp_path):
    copy_examples(tmp_path)
    project = make_examples(with_bulk(tmp_path, 5_000_000))
    commit = sources.head(project, Source.STATIC)
    with pytest.raises(OSError, match="No space left"):
        sources.checkout(project, commit, small / "out")
    assert list(small.iterdir()) == []


@needs_root
@pytest.mark.docker
def test_base_that_does_not_fit_leaves_nothing(small):
    nginx = recipe.read(FOLDER).by_name["nginx"]
    with pytest.raises(TandemError, match="cannot make base nginx: the disk is full"):
        write_archive(nginx, FOLDER, small / "cache" / "nginx.tar", print)
    assert list((small / "cache").iterdir()) == []
