"""The measured site has every file that a workload asks for, and equal sizes are equal sites."""

import gzip
from dataclasses import replace

import pytest

from pipeline.compare.serving import measured_site
from pipeline.compare.serving.measured_site import project_with_content
from pipeline.compare.serving.workloads import PREFIX, Workload, names, requests
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project, Settings
from pipeline.core.values import Layout, Source
from pipeline.git import sources

FEW = 20
pytestmark = pytest.mark.slow  # repositories are made: a second each


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.compare.serving.workloads.SMALL_FILES", FEW)
    repositories = {name: {"repository": "x"} for name in ("app", "static", "api")}
    return Project(tmp_path, Settings.model_validate({"sources": repositories}))


def listing(measured):
    """Path and size of each file at the head of the content."""
    commit = sources.head(measured, Source.STATIC)
    store = sources.open_source(measured, Source.STATIC)
    return {each.path: each for each in store.tree(commit.id)}


def test_every_path_of_every_workload_is_in_the_content(project, tmp_path):
    size = measured_site.content_bytes() + 100_000
    with project_with_content(project, "4 MB", size) as measured:
        commit = sources.head(measured, Source.STATIC)
        out = sources.checkout(measured, commit, tmp_path / "out")
        paths = {f"{PREFIX}/{file.relative_to(out)}" for file in out.rglob("*") if file.is_file()}
        for workload in Workload:
            assert set(requests(workload).paths) <= paths
        assert len(requests(Workload.RANDOM_FILES).paths) == FEW
        text = (out / "serving/text.js").read_bytes()
        assert gzip.decompress((out / "serving/text.js.gz").read_bytes()) == text
        assert (out / "serving/text.htm").read_bytes() == text
        assert not (out / "serving/text.htm.gz").exists()
        assert sum(file.stat().st_size for file in (out / "bulk").rglob("*") if file.is_file()) == 100_000
        folder = measured.root
    assert not folder.exists()


def test_no_layout_gets_compressed_siblings_of_its_own(project):
    settings = project.settings.model_copy(
        update={"static": project.settings.static.model_copy(update={"builder": "docker"})}
    )
    with project_with_content(replace(project, settings=settings), "4 MB", 10**8 // 20) as measured:
        assert measured.settings.static.precompress == ()
        assert measured.settings.static.builder == "layers"


def test_equal_sizes_give_equal_commits(project):
    heads = []
    for _ in range(2):
        with project_with_content(project, "5 MB", 5_000_000) as measured:
            heads.append(sources.head(measured, Source.STATIC))
    assert heads[0] == heads[1]


def test_content_without_room_for_the_files_is_refused(project):
    with (
        pytest.raises(
            TandemError, match="1 MB of content are too few: the files that are asked for have 4 MB"
        ),
        project_with_content(project, "1 MB", 1_000_000),
    ):
        pass


def test_secrets_of_the_project_are_not_asked_for(project):
    task = project.settings.task.model_copy(
        update={"secrets": {"KEY": "arn:x"}, "environment_files": ("arn:y",)}
    )
    with_secrets = replace(project, settings=project.settings.model_copy(update={"task": task}))
    with project_with_content(with_secrets, "5 MB", 5_000_000) as measured:
        assert not measured.settings.task.secrets
        assert not measured.settings.task.environment_files


def test_every_workload_has_a_name_and_one_path_or_many():
    assert set(names("150 MB")) == set(names("own")) == set(Workload)
    assert [len(requests(each).paths) for each in Workload] == [1, 1, 1, 1, 10_000]
    assert dict(requests(Workload.TEXT_GZIP).headers) == {"Accept-Encoding": "gzip"}
    assert dict(requests(Workload.SMALL_PAGE).headers) == {"Accept-Encoding": "identity"}


def test_the_images_of_every_layout_are_built():
    assert set(measured_site.IMAGES) == set(Layout)
