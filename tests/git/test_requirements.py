"""What the app requires of the content is read from its commit, and checked against the content's."""

from dataclasses import replace

import pytest

from pipeline.core.values import Commit, Source
from pipeline.git.remote import RemoteObjectStore
from pipeline.git.requirements import FILE, MalformedError, parse_requirements, unmet
from tests.support.repositories import commit, head_of, make_origin, project_of, run

pytestmark = pytest.mark.slow


@pytest.fixture
def repositories(tmp_path):
    """Two repositories with a work tree, and a project that names them."""
    app, static = make_origin(tmp_path / "app"), make_origin(tmp_path / "static")
    project = project_of(tmp_path / "project", repository=str(app))
    sources = project.settings.sources
    named = sources.static.model_copy(update={"repository": str(static)})
    changed = project.settings.model_copy(update={"sources": sources.model_copy(update={"static": named})})
    return app, static, replace(project, settings=changed)


def require(folder, text):
    (folder / FILE).write_text(text)
    return Commit(Source.APP, commit(folder, "Require content"), "Require content")


def content(folder, **files):
    for name, text in files.items():
        (folder / name).write_text(text)
    return Commit(Source.STATIC, commit(folder, "Change content"), "Change content")


def test_without_the_file_everything_fits(repositories):
    app, static, project = repositories
    assert (
        unmet(project, Commit(Source.APP, head_of(app), ""), Commit(Source.STATIC, head_of(static), "")) == ""
    )


def test_the_content_must_contain_a_commit(repositories):
    app, static, project = repositories
    before = Commit(Source.STATIC, head_of(static), "")
    required = content(static, page="new")
    after = content(static, page="newer")
    needs = require(app, f"# the new page\n\n{required.id.upper()}  # of today\n")
    assert unmet(project, needs, before) == (
        f"it requires commit {required.short} of the content, which {before.short} does not have"
    )
    assert unmet(project, needs, required) == ""
    assert unmet(project, needs, after) == ""


def test_a_commit_of_a_side_branch_or_of_no_repository_is_not_contained(repositories):
    app, static, project = repositories
    start = head_of(static)
    side = content(static, page="side")
    run("reset", "--hard", "--quiet", start, cwd=static)
    main = content(static, page="main")
    assert "does not have" in unmet(project, require(app, side.id), main)
    assert "does not have" in unmet(project, require(app, "a" * 40), main)


def test_a_repository_behind_a_url_is_asked_as_well_but_once(repositories, monkeypatch):
    """A commit must not keep the release busy with a request for each of its lines."""
    fetched, fetch = [], RemoteObjectStore.fetch_history

    def counted(self, branch):
        fetched.append(branch)
        fetch(self, branch)

    app, static, project = repositories
    before = Commit(Source.STATIC, head_of(static), "")
    required = content(static, page="new", VERSION="3\n")
    sources = project.settings.sources
    named = sources.static.model_copy(update={"repository": f"file://{static}"})
    settings = project.settings.model_copy(update={"sources": sources.model_copy(update={"static": named})})
    remote = replace(project, settings=settings)
    needs = require(app, f"{required.id}\nVERSION >= 3\n")
    assert "does not have" in unmet(remote, needs, before)
    assert unmet(remote, needs, required) == ""
    monkeypatch.setattr(RemoteObjectStore, "fetch_history", counted)
    assert unmet(remote, require(app, f"{before.id}\n" * 20), required) == ""
    assert "does not have" in unmet(remote, require(app, f"{'a' * 40}\n" * 20), required)
    assert len(fetched) == 2


@pytest.mark.parametrize(
    ("line", "version", "fits"),
    [
        ("VERSION = spring sale", "spring sale\n", True),
        ("VERSION >= 3", "10\n", True),
        ("VERSION >= 3.1", "3.0.9", False),
        pytest.param("VERSION = 3", "3.0", False, marks=pytest.mark.slow),
        pytest.param("VERSION>=3.0", "v3", True, marks=pytest.mark.slow),
        pytest.param("VERSION >= 3", "latest", False, marks=pytest.mark.slow),
        pytest.param("VERSION >= 3", "٣", False, marks=pytest.mark.slow),
    ],
)
def test_a_version_file_is_compared(repositories, line, version, fits):
    app, static, project = repositories
    problem = unmet(project, require(app, line), content(static, VERSION=version))
    assert (problem == "") == fits, problem


def test_a_version_file_that_is_missing_a_folder_a_link_or_no_text_does_not_fit(repositories):
    app, static, project = repositories
    (static / "link").symlink_to("run.sh")
    (static / "bytes").write_bytes(b"\xff\xfe")
    (static / "large").write_text("1" * 70_000)
    head_of_content = content(static)
    for name in ("none", "web", "link", "bytes", "large", "none/none"):
        assert "does not have" in unmet(project, require(app, f"{name} = 1"), head_of_content)


def test_the_files_are_those_of_the_sources_folders(repositories):
    app, static, project = repositories
    sources = project.settings.sources
    changed = {name: sources[Source(name)].model_copy(update={"path": "web"}) for name in ("app", "static")}
    settings = project.settings.model_copy(update={"sources": sources.model_copy(update=changed)})
    (app / "web" / FILE).write_text("VERSION = 2")
    (static / "web" / "VERSION").write_text("2")
    needs, has = require(app, "VERSION = 1"), content(static, VERSION="1")
    assert unmet(replace(project, settings=settings), needs, has) == ""


@pytest.mark.parametrize(
    "line",
    [
        "main",
        "abc1234",
        "a" * 39,
        "VERSION",
        "VERSION =",
        "= 3",
        "VERSION >= new",
        "../VERSION = 1",
        "/etc/passwd = x",
        "VERSION > 3",
    ],
)
def test_a_line_that_is_no_requirement_has_its_number(line):
    with pytest.raises(MalformedError, match=f"line 2 of {FILE} is no requirement"):
        parse_requirements(f"# a comment\n{line}\n")


def test_a_malformed_file_is_met_by_no_content(repositories):
    """Its app waits, and the others are released."""
    app, static, project = repositories
    now = Commit(Source.STATIC, head_of(static), "")
    assert "line 1 of requires.static is no requirement: 'main'" in unmet(project, require(app, "main"), now)
    assert "is larger than" in unmet(project, require(app, "#" * 70_000), now)
    (app / FILE).write_bytes(b"\xff")
    assert "is no text" in unmet(project, Commit(Source.APP, commit(app, "x"), ""), now)


@pytest.mark.parametrize(
    "make", [lambda at: at.symlink_to("run.sh"), lambda at: (at / "x").mkdir(parents=True)]
)
def test_requirements_that_are_no_file_are_met_by_no_content(repositories, make):
    """An app that says that it needs something is not released as if it needed nothing."""
    app, static, project = repositories
    make(app / FILE)
    if (app / FILE).is_dir():
        (app / FILE / "x" / "y").write_text("1")
    needs = Commit(Source.APP, commit(app, "Require content"), "")
    told = unmet(project, needs, Commit(Source.STATIC, head_of(static), ""))
    assert told == f"{FILE} of {needs.short} is no file"


def test_a_byte_order_mark_is_no_part_of_the_text(repositories):
    app, static, project = repositories
    has = content(static, VERSION="\ufeff12\r\n")
    assert unmet(project, require(app, f"\ufeff{has.id}\r\nVERSION = 12\r\n"), has) == ""
