"""Git repositories for tests, and projects that name them."""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.git.command import git_environment
from pipeline.local.examples.repositories import make_examples, with_examples

WHO = {f"GIT_{role}_{part}": "x@y" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}


# Otherwise `git commit` starts two processes that ask whether the repository should be packed.
_NO_MAINTENANCE = ("-c", "maintenance.auto=false")


def run(*arguments, cwd):
    """What git prints with these arguments; CalledProcessError if it fails."""
    environ = {**git_environment(), **WHO}
    command = ["git", *_NO_MAINTENANCE, *arguments]
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def project_of(root, **app):
    """A project in `root` whose app source is changed by `app`; little bulk."""
    settings = load(ROOT).settings
    changed = settings.sources.app.model_copy(update=app)
    return Project(
        root,
        settings.model_copy(
            update={
                "sources": settings.sources.model_copy(update={"app": changed}),
                "local": settings.local.model_copy(update={"bulk": 100_000}),
            }
        ),
    )


def commit(folder, subject):
    """Commit everything in the work tree `folder`; the new commit's id."""
    run("add", "-A", cwd=folder)
    run("commit", "-q", "-m", subject, cwd=folder)
    return head_of(folder)


def head_of(folder):
    """The commit that is checked out, read without a git process: a commit's ref is a file."""
    git = folder / ".git"
    ref, _, name = (git / "HEAD").read_text().strip().partition(" ")
    return (git / name).read_text().strip() if name else ref


def init(folder):
    """An empty repository with a work tree, on branch main."""
    shutil.copytree(_empty(), folder, dirs_exist_ok=True)


def at(tmp_path, place, **app):
    """A project whose app source is the repository at `place`."""
    return project_of(tmp_path / "project", repository=place, **app)


def make_origin(folder):
    """A repository with a work tree and one commit, in which tests commit further."""
    return shutil.copytree(_origin(), folder, symlinks=True)


def made_examples(project):
    """What `make_examples` does with the examples of this project, whose repositories are made once."""
    shutil.copytree(ROOT / "examples", project.root / "examples")
    shutil.copytree(_examples(project.settings.local.bulk), project.state / "repos")
    return with_examples(project)


@cache
def _examples(bulk):
    """The examples' repositories with `bulk` bytes of content."""
    root = new_folder()
    shutil.copytree(ROOT / "examples", root / "examples")
    settings = load(ROOT).settings
    local = settings.local.model_copy(update={"bulk": bulk})
    make_examples(Project(root, settings.model_copy(update={"local": local})))
    return root / ".tandem" / "repos"


def new_folder():
    """A folder that is removed when the tests end."""
    folder = Path(tempfile.mkdtemp(prefix="tandem-origin-"))
    atexit.register(shutil.rmtree, folder)
    return folder


@cache
def _empty():
    """The repository that `init` copies."""
    folder = new_folder()
    run("init", "-q", "-b", "main", "--template=", cwd=folder)
    return folder


@cache
def _origin():
    """The repository that `make_origin` copies, made once."""
    folder = new_folder()
    run("init", "-q", "-b", "main", cwd=folder)
    (folder / "web").mkdir()
    (folder / "web" / "page.html").write_bytes(b"one\r\ntwo\n")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "web" / "link").symlink_to("page.html")
    (folder / ".gitattributes").write_text("*.html text eol=crlf ident export-ignore\n")
    commit(folder, "Begin")
    run("config", "uploadpack.allowFilter", "true", cwd=folder)
    return folder
