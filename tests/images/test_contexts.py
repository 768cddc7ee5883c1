"""What each image is built from."""

import subprocess

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.core.values import Source
from pipeline.git import sources
from pipeline.git.command import git_environment
from pipeline.images import contexts
from tests.support.repositories import made_examples

pytestmark = pytest.mark.slow

WHO = {f"GIT_{role}_{part}": "x@y" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}


@pytest.fixture
def project(tmp_path):
    """The examples, with little bulk."""
    return made_examples(changed(Project(tmp_path, load(ROOT).settings), "local", bulk=10_000))


def changed(project, table, **update):
    """The same project with another value in one table of its settings."""
    settings = project.settings
    part = getattr(settings, table).model_copy(update=update)
    return Project(project.root, settings.model_copy(update={table: part}))


def with_source(project, source, **update):
    one = project.settings.sources[source].model_copy(update=update)
    return changed(project, "sources", **{source.value: one})


def head(project, source):
    return sources.head(project, source)


def test_app_is_built_with_the_settings_port_and_path(project, tmp_path):
    project = changed(project, "task", port=9000, content_path="/content")
    context = contexts.app(project, head(project, Source.APP), "base:1", tmp_path / "work")
    assert context.args == {"BASE": "base:1", "PORT": "9000", "CONTENT_PATH": "/content"}
    assert context.dockerfile == ROOT / "images" / "app" / "Dockerfile"
    assert (context.folder / "nginx.conf").is_file()


def test_sources_own_dockerfile_wins(project, tmp_path):
    project = with_source(project, Source.APP, dockerfile="entrypoint.sh")
    context = contexts.app(project, head(project, Source.APP), "base:1", tmp_path / "work")
    assert context.dockerfile == tmp_path / "work" / "entrypoint.sh"


def test_dockerfile_that_is_not_in_the_commit_is_named(project, tmp_path):
    project = with_source(project, Source.APP, dockerfile="docker/Dockerfile")
    with pytest.raises(TandemError, match=r"source app at .* has no Dockerfile 'docker/Dockerfile'") as error:
        contexts.app(project, head(project, Source.APP), "base:1", tmp_path / "work")
    assert "sources.app.dockerfile" in error.value.hint


def with_files(project, source, folder, **files):
    """The project with one more commit of `source`, which has these files and the Dockerfile of its own."""
    git_in(project.root, "clone", sources.locate(project, source), str(folder))
    for name, text in files.items():
        (folder / name).write_text(text)
    git_in(folder, "add", "-A")
    git_in(folder, "commit", "-m", "Bring files")
    git_in(folder, "push", "origin", "main")
    return with_source(project, source, dockerfile="Dockerfile")


def context_of(project, source, work):
    if source is Source.API:
        return contexts.api(project, head(project, source), "base:1", work, None)
    make = contexts.app if source is Source.APP else contexts.static
    return make(project, head(project, source), "base:1", work)


@pytest.mark.parametrize("source", list(Source))
def test_an_own_dockerfile_that_needs_buildkit_is_refused(project, tmp_path, source):
    text = "FROM x\nRUN --mount=type=cache,target=/a b\n"
    project = with_files(project, source, tmp_path / "clone", Dockerfile=text)
    with pytest.raises(TandemError, match=rf"Dockerfile of source {source} at .* needs BuildKit: line 2"):
        context_of(project, source, tmp_path / "work")


TWO = "FROM x AS dev\nARG TARGETOS\nFROM dev AS prod\nARG TARGETARCH\n"


@pytest.mark.parametrize("source", list(Source))
def test_the_chosen_stage_is_built_and_what_stands_below_it_is_not(project, tmp_path, source):
    text = f"{TWO}RUN --mount=type=cache,target=/a b\n"
    project = with_files(project, source, tmp_path / "clone", Dockerfile=text)
    project = with_source(project, source, target="Dev")
    context = context_of(project, source, tmp_path / "work")
    assert context.target == "Dev"
    assert [item.line for item in context.instructions] == [1, 2]
    assert {"TARGETOS", "TARGETARCH"} & context.args.keys() == {"TARGETOS"}
    with pytest.raises(TandemError, match="needs BuildKit: line 5 has RUN --mount"):
        context_of(with_source(project, source, target="prod"), source, tmp_path / "again")


@pytest.mark.parametrize("source", list(Source))
def test_a_heredoc_below_the_chosen_stage_is_refused_too(project, tmp_path, source):
    """Docker 20.10 reads its lines as instructions, before it looks for the stage."""
    text = f"{TWO}RUN <<EOF\nFROM scratch AS test\nEOF\n"
    project = with_files(project, source, tmp_path / "clone", Dockerfile=text)
    project = with_source(project, source, target="dev")
    with pytest.raises(TandemError, match="needs BuildKit: line 5 has a heredoc"):
        context_of(project, source, tmp_path / "work")


@pytest.mark.parametrize("source", list(Source))
def test_a_stage_that_the_dockerfile_does_not_have_is_refused(project, tmp_path, source):
    project = with_files(project, source, tmp_path / "clone", Dockerfile=TWO)
    project = with_source(project, source, target="test")
    with pytest.raises(
        TandemError, match=rf"source {source} at .* no stage 'test' .*: its stages are dev, prod"
    ):
        context_of(project, source, tmp_path / "work")


def test_the_handler_is_looked_for_in_the_chosen_stage(project, tmp_path):
    aws = "FROM public.ecr.aws/lambda/python:3.12 AS"
    text = f"{aws} empty\nCOPY application.py ./\n{aws} full\nCOPY . ./\n"
    project = with_files(project, Source.API, tmp_path / "clone", Dockerfile=text)
    context_of(with_source(project, Source.API, target="full"), Source.API, tmp_path / "full")
    with pytest.raises(TandemError, match=r"has no main\.py"):
        context_of(with_source(project, Source.API, target="empty"), Source.API, tmp_path / "empty")


@pytest.mark.parametrize("source", list(Source))
def test_an_own_dockerfile_gets_the_platform_that_it_declares(project, tmp_path, source):
    project = changed(project, "task", architecture="ARM64")
    project = with_files(project, source, tmp_path / "clone", Dockerfile="FROM x\nARG TARGETARCH\n")
    assert context_of(project, source, tmp_path / "work").args["TARGETARCH"] == "arm64"


def test_an_own_dockerfile_without_a_handler_keeps_its_default(project, tmp_path):
    project = with_files(project, Source.API, tmp_path / "clone", Dockerfile="FROM x\n")
    assert context_of(project, Source.API, tmp_path / "one").args == {
        "BASE": "base:1",
        "HANDLER": "main.handler",
    }
    project = changed(project, "api", handler="")
    assert context_of(project, Source.API, tmp_path / "two").args == {"BASE": "base:1"}


@pytest.mark.parametrize("name", ["Dockerfile", "linked/Dockerfile", "../secret", "/etc/hostname"])
def test_dockerfile_is_a_file_of_the_commit_and_no_link(project, tmp_path, name):
    """This machine reads it and sends it to Docker."""
    work = tmp_path / "clone"
    git_in(project.root, "clone", sources.locate(project, Source.APP), str(work))
    (work / "docker").mkdir()
    (work / "docker" / "Dockerfile").write_text("FROM scratch\n")
    (work / "Dockerfile").symlink_to("docker/Dockerfile")
    (work / "linked").symlink_to("docker")
    git_in(work, "add", "-A")
    git_in(work, "commit", "-m", "Link the Dockerfile")
    git_in(work, "push", "origin", "main")
    (tmp_path / "secret").write_text("FROM scratch\n")
    project = with_source(project, Source.APP, dockerfile=name)
    with pytest.raises(TandemError, match="it must be a regular file"):
        contexts.app(project, head(project, Source.APP), "base:1", tmp_path / "work")


@pytest.mark.parametrize("name", ["requirements.lock", ".dockerignore"])
def test_what_this_machine_reads_of_the_api_is_no_link(project, tmp_path, monkeypatch, name):
    work = tmp_path / "clone"
    git_in(project.root, "clone", sources.locate(project, Source.API), str(work))
    (work / name).unlink(missing_ok=True)
    (work / name).symlink_to("main.py")
    git_in(work, "add", "-A")
    git_in(work, "commit", "-m", "Link it")
    git_in(work, "push", "origin", "main")
    monkeypatch.setattr(contexts.wheels, "target_of", lambda *_: None)
    monkeypatch.setattr(contexts.wheels, "resolve", lambda *_: tmp_path)
    with pytest.raises(TandemError, match=f"has '{name}' as a link"):
        contexts.api(project, head(project, Source.API), "base:1", tmp_path / "work", None)


def test_monolith_holds_app_and_content(project, tmp_path):
    app, static = head(project, Source.APP), head(project, Source.STATIC)
    context = contexts.monolith(project, app, static, "base:1", tmp_path / "work")
    assert (context.folder / "app" / "nginx.conf").is_file()
    assert (context.folder / "content" / "manifest.json").is_file()
    assert (context.folder / "content" / "bulk").is_dir()


def test_monolith_of_an_own_dockerfile_adds_content_to_the_apps_image(project, tmp_path):
    """Such an app need not have nginx.conf, entrypoint.sh or html/."""
    project = with_source(project, Source.APP, dockerfile="Dockerfile")
    app, static = head(project, Source.APP), head(project, Source.STATIC)
    context = contexts.monolith(project, app, static, "the/app:image", tmp_path / "work")
    assert context.args["BASE"] == "the/app:image"
    assert [line for line in context.dockerfile.read_text().splitlines() if line.startswith("COPY")] == [
        "COPY content/ ${CONTENT_PATH}/"
    ]
    assert sorted(path.name for path in context.folder.iterdir()) == ["content"]


def test_content_that_is_empty_is_no_context(project, tmp_path):
    app, static = head(project, Source.APP), empty_commit(project, tmp_path / "clone")
    for make in (
        lambda work: contexts.static(project, static, "base:1", work),
        lambda work: contexts.monolith(project, app, static, "base:1", work),
    ):
        with pytest.raises(TandemError, match="would lose all of its content"):
            make(tmp_path / f"work{len(list(tmp_path.iterdir()))}")


def empty_commit(project, work):
    git_in(project.root, "clone", sources.locate(project, Source.STATIC), str(work))
    git_in(work, "rm", "-r", "--quiet", ".")
    git_in(work, "commit", "-m", "Remove everything")
    git_in(work, "push", "origin", "main")
    return head(project, Source.STATIC)


def test_context_carries_the_commits_times_not_todays(project, tmp_path):
    """Two builds of one commit give nginx the same ETags."""
    times = []
    for name in ("one", "two"):
        context = contexts.static(project, head(project, Source.STATIC), "base:1", tmp_path / name)
        times.append((context.folder / "content" / "manifest.json").stat().st_mtime)
    assert times[0] == times[1] < 1_600_000_000


def test_handler_that_is_not_in_the_commit_is_named(project, tmp_path):
    project = changed(project, "api", handler="web.handler")
    with pytest.raises(TandemError, match=r"has no web\.py, which handler 'web.handler' names"):
        contexts.api(project, head(project, Source.API), "base:1", tmp_path / "work", None)


def test_sources_dockerignore_counts_within_the_whole_context(project, tmp_path):
    work = tmp_path / "clone"
    commit_ignore(project, work)
    context = contexts.static(project, head(project, Source.STATIC), "base:1", tmp_path / "work")
    lines = (context.folder / ".dockerignore").read_text().splitlines()
    assert lines == [
        *("content/*.psd", "!content/keep.psd", "content/drafts", "content/old", "content/a b"),
        *("!content/kept.psd", "content/x", "content/**/*.log"),
    ]


def test_a_dockerfile_without_end_is_refused(project, tmp_path):
    project = with_files(project, Source.APP, tmp_path / "clone", Dockerfile="FROM x\n#" + "x" * (1 << 20))
    with pytest.raises(TandemError, match="has a Dockerfile 'Dockerfile' of more than 1048576 bytes"):
        context_of(project, Source.APP, tmp_path / "work")


MORE = "  ./old/ \n.\na b\r\n! kept.psd\n../../x\n**/*.log\nDockerfile\n!\n"
"""Lines as Docker reads them: trimmed and cleaned, never above the source's folder."""


def test_a_dockerfiles_own_ignore_file_counts(project, tmp_path):
    """BuildKit reads DOCKERFILE.dockerignore first; the classic builder would send everything."""
    files = {"Dockerfile": "FROM x\n", "Dockerfile.dockerignore": "secret\n", ".dockerignore": "other\n"}
    project = with_files(project, Source.APP, tmp_path / "clone", **files)
    context = context_of(project, Source.APP, tmp_path / "work")
    assert (context.folder / ".dockerignore").read_text() == "secret\n"


def commit_ignore(project, work):
    git_in(project.root, "clone", sources.locate(project, Source.STATIC), str(work))
    (work / ".dockerignore").write_text("# drafts stay here\n*.psd\n!keep.psd\n/drafts\n\n" + MORE)
    git_in(work, "add", "-A")
    git_in(work, "commit", "-m", "Ignore drafts")
    git_in(work, "push", "origin", "main")


def git_in(folder, *arguments):
    subprocess.run(
        ["git", *arguments], cwd=folder, env={**git_environment(), **WHO}, check=True, capture_output=True
    )
