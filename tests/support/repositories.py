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

WHO = {f"GIT_{role}_{part}": "x@y" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}


def run(*arguments, cwd):
    environ = {**git_environment(), **WHO}
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, env=environ, capture_output=True, text=True, check=True
    )
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
    run("add", "-A", cwd=folder)
    run("commit", "-q", "-m", subject, cwd=folder)
    return run("rev-parse", "HEAD", cwd=folder)


def at(tmp_path, place, **app):
    return project_of(tmp_path / "project", repository=place, **app)


def make_origin(folder):
    """A repository with a work tree and one commit, in which tests commit further."""
    return shutil.copytree(_origin(), folder, symlinks=True)


@cache
def _origin():
    """The repository that `make_origin` copies, made once."""
    folder = Path(tempfile.mkdtemp(prefix="tandem-origin-"))
    atexit.register(shutil.rmtree, folder)
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
