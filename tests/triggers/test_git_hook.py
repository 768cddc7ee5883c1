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


class Repository:
    """A bare repository with the hook, which runs a fake `tandem`, and a clone of it."""

    def __init__(self, project, folder, source=Source.APP, code=0):
        self.log, fake = folder / "log", folder / "bin" / "tandem"
        fake.parent.mkdir()
        script = (
            f"env | grep ^GIT_DIR >>'{self.log}'; for a; do echo \"$a\"; done >>'{self.log}'; exit {code}"
        )
        fake.write_text(f"#!/bin/sh\n{script}\n")
        fake.chmod(0o755)
        self.bare, self.clone = folder / f"{source}.git", folder / "clone"
        run_git("init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        git_hook.install(project, source, self.bare)
        hook = self.bare / "hooks" / "post-receive"
        hook.write_text(hook.read_text().replace(str(Path(sys.executable).with_name("tandem")), str(fake)))
        run_git("clone", "--quiet", str(self.bare), str(self.clone))
        run_git("-C", str(self.clone), "checkout", "--quiet", "-B", "main")
        who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
        run_git("-C", str(self.clone), *who, "commit", "--quiet", "--allow-empty", "-m", "x")

    def push(self, *refs):
        """Push `refs`; returns what the hook printed, and clears the log of calls."""
        self.log.unlink(missing_ok=True)
        command = ["git", "-C", str(self.clone), "push", "--quiet", "origin", *refs]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return [line.removeprefix("remote:").strip() for line in done.stderr.splitlines()]

    @property
    def calls(self):
        return self.log.read_text().splitlines() if self.log.exists() else []


def test_a_push_runs_it_without_gits_own_variables(project, tmp_path):
    repository = Repository(project, tmp_path, Source.STATIC)
    assert repository.push("main") == []
    assert repository.calls == ["trigger", "static", "--project", str(project.root)]


def test_other_branches_tags_and_deletions_end_at_once_with_a_line(project, tmp_path):
    repository = Repository(project, tmp_path)
    run_git("-C", str(repository.clone), "tag", "v1")
    nothing = ["tandem: nothing to release: refs/heads/main did not move"]
    for refs in (["main:feature"], ["v1"], [":v1"], [":feature"], ["main:mainly"], ["main:a/main"]):
        assert repository.push(*refs) == nothing, refs
        assert repository.calls == []
    assert repository.push("main", "v1", "main:feature") == []
    assert repository.calls[0] == "trigger"
    run_git("-C", str(repository.bare), "symbolic-ref", "HEAD", "refs/heads/other")
    assert repository.push(":main") == nothing
    assert repository.calls == []


def test_the_branch_of_the_settings_is_the_one_that_counts(project):
    app = project.settings.sources.app.model_copy(update={"branch": "live's one"})
    sources = project.settings.sources.model_copy(update={"app": app})
    changed = replace(project, settings=project.settings.model_copy(update={"sources": sources}))
    assert "branch='refs/heads/live'\"'\"'s one'" in git_hook.script(changed, Source.APP)


def test_a_failed_release_is_said_in_the_last_line(project, tmp_path):
    repository = Repository(project, tmp_path, code=3)
    assert repository.push("main")[-1].startswith("tandem: NOT RELEASED: the push is stored")


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
