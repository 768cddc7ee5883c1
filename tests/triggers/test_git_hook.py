"""A push to a repository of the local stack runs `tandem trigger`, without git's own variables."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.paths import ROOT
from pipeline.core.settings import load
from pipeline.core.values import Source
from pipeline.git.command import run_git
from pipeline.triggers import git_hook


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "a project's folder"
    folder.mkdir()
    (folder / "tandem.toml").write_text((ROOT / "tandem.toml").read_text())
    return load(folder)


def test_the_hook_names_source_and_project(project):
    text = git_hook.script(project, Source.STATIC)
    printed = subprocess.run(
        ["sh", "-c", text.replace("exec ", "printf '%s\\n' ")], capture_output=True, text=True, check=True
    )
    tandem, *arguments = printed.stdout.splitlines()
    assert Path(tandem).name == "tandem"
    assert arguments == ["trigger", "static", "--project", str(project.root)]


def test_a_push_runs_it_without_gits_own_variables(project, tmp_path):
    log = tmp_path / "log"
    fake = tmp_path / "bin" / "tandem"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\nenv | grep ^GIT_DIR >'{log}'; echo \"$@\" >>'{log}'\n")
    fake.chmod(0o755)
    bare, clone = tmp_path / "app.git", tmp_path / "clone"
    run_git("init", "--quiet", "--bare", str(bare))
    git_hook.install(project, Source.APP, bare)
    script = bare / "hooks" / "post-receive"
    script.write_text(script.read_text().replace(str(Path(sys.executable).with_name("tandem")), str(fake)))
    run_git("clone", "--quiet", str(bare), str(clone))
    who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    run_git("-C", str(clone), *who, "commit", "--quiet", "--allow-empty", "-m", "x")
    subprocess.run(["git", "-C", str(clone), "push", "--quiet", "origin", "HEAD"], check=True)
    assert log.read_text().splitlines() == [f"trigger app --project {project.root}"]


def test_installing_twice_leaves_one_hook_that_runs(project, tmp_path):
    git_hook.install(project, Source.APP, tmp_path)
    git_hook.install(project, Source.APP, tmp_path)
    (script,) = (tmp_path / "hooks").iterdir()
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[1] == git_hook.MARK


def test_only_repositories_of_the_local_stack_get_a_hook(project, tmp_path):
    """Another repository on this machine belongs to its owner."""
    elsewhere = tmp_path / "elsewhere.git"
    of_the_stack = project.state / "repos" / "static.git"
    for repository in (elsewhere, of_the_stack):
        subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    sources = project.settings.sources
    moved = sources.model_copy(
        update={
            "app": sources.app.model_copy(update={"repository": str(elsewhere)}),
            "static": sources.static.model_copy(update={"repository": str(of_the_stack)}),
            "api": sources.api.model_copy(update={"repository": "https://git.example/api.git"}),
        }
    )
    local = replace(project, settings=project.settings.model_copy(update={"sources": moved}))
    git_hook.install_local_hooks(local)
    assert (of_the_stack / "hooks" / "post-receive").is_file()
    assert not (elsewhere / "hooks" / "post-receive").exists()
