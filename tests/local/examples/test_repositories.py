"""Example folders become repositories."""

import shutil

import pytest

from pipeline.core.paths import ROOT
from pipeline.core.values import Source
from pipeline.git import sources
from tests.support.repositories import commit, project_of, run


@pytest.fixture
def example(tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return project_of(tmp_path)


def test_example_becomes_the_same_commit_everywhere(example):
    """Whatever the place, the time and the user's own git settings are."""
    first = sources.head(example, Source.STATIC)
    shutil.rmtree(example.state)
    assert sources.head(example, Source.STATIC) == first
    repository = sources.locate(example, Source.STATIC)
    assert run("log", "-1", "--format=%an %at %ct", cwd=repository) == "Tandem 1700000000 1700000000"
    run("fsck", "--strict", cwd=repository)


def test_example_content_carries_the_bulk(example, tmp_path):
    tree = sources.checkout(example, sources.head(example, Source.STATIC), tmp_path / "out")
    made = [file for file in (tree / "bulk").rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in made) == 100_000
    own = {file.relative_to(tmp_path / "examples" / "static") for file in _files(tmp_path, "static")}
    theirs = tmp_path / "examples" / "static"
    assert all((tree / file).read_bytes() == (theirs / file).read_bytes() for file in own)


def _files(root, source):
    return [file for file in (root / "examples" / source).rglob("*") if file.is_file()]


def test_what_was_pushed_to_an_example_stays(example, tmp_path):
    repository = sources.locate(example, Source.APP)
    run("clone", "-q", repository, str(tmp_path / "work"), cwd=tmp_path)
    (tmp_path / "work" / "new").write_text("x")
    commit(tmp_path / "work", "Pushed")
    run("push", "-q", "origin", "main", cwd=tmp_path / "work")
    assert sources.head(example, Source.APP).subject == "Pushed"


def test_example_that_was_killed_midway_is_made_anew(example):
    half = example.state / "repos" / ".static-abc"
    half.mkdir(parents=True)
    (half / "HEAD").write_text("ref: refs/heads/main\n")
    assert sources.head(example, Source.STATIC).subject.startswith("Begin")
    assert not half.exists()
