"""Example folders become repositories."""

import shutil
from dataclasses import replace

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.values import Source
from pipeline.git import sources
from pipeline.local.examples.repositories import make_examples, with_examples
from tests.support.repositories import commit, project_of, run

pytestmark = pytest.mark.slow


@pytest.fixture
def folders(tmp_path):
    """A project whose sources are the example folders."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return project_of(tmp_path)


@pytest.fixture
def example(folders):
    """The same, once the local stack has made their repositories."""
    return make_examples(folders)


def test_folder_is_no_source_before_the_local_stack_made_a_repository_of_it(folders):
    """A release in a real environment never makes one."""
    with pytest.raises(TandemError, match=r"there is no repository of source app: .*examples/app") as error:
        sources.head(folders, Source.APP)
    assert "sources.app.repository" in error.value.hint
    assert with_examples(folders) == folders
    assert list(folders.state.glob("*")) == []


def test_project_names_the_repositories_that_were_made(folders, example):
    assert with_examples(folders) == example == with_examples(example) == make_examples(example)
    repositories = {sources.locate(example, source) for source in Source}
    assert repositories == {str(example.state / "repos" / f"{source}.git") for source in Source}


def test_bulk_that_was_changed_too_late_is_told(folders, example, capsys):
    make_examples(folders)
    assert "local.bulk" not in capsys.readouterr().err
    local = folders.settings.local.model_copy(update={"bulk": 50_000})
    changed = replace(folders, settings=folders.settings.model_copy(update={"local": local}))
    assert make_examples(changed).settings.sources == example.settings.sources
    told = capsys.readouterr().err
    assert "local.bulk = 0.05 MB has no effect" in told
    assert "was made with 0.1 MB" in told
    assert f"rm -rf {example.state}/repos/static.git" in told
    shutil.rmtree(example.state / "repos" / "static.git")
    make_examples(changed)
    assert "local.bulk" not in capsys.readouterr().err


@pytest.mark.usefixtures("folders")
def test_source_that_has_a_repository_is_no_example(tmp_path):
    run("init", "-q", "content", cwd=tmp_path)
    named = project_of(tmp_path, repository="content")
    assert make_examples(named).settings.sources.app == named.settings.sources.app


def test_example_becomes_the_same_commit_everywhere(folders, example):
    """Whatever the place, the time and the user's own git settings are."""
    first = sources.head(example, Source.STATIC)
    shutil.rmtree(example.state)
    make_examples(folders)
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


def test_example_that_was_killed_midway_is_made_again(folders):
    half = folders.state / "repos" / ".static-abc"
    half.mkdir(parents=True)
    (half / "HEAD").write_text("ref: refs/heads/main\n")
    assert sources.head(make_examples(folders), Source.STATIC).subject.startswith("Begin")
    assert not half.exists()
