"""A push to a repository of the local stack runs `tandem trigger`, without git's own variables."""

import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli.commands.hook import install
from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import load
from pipeline.core.values import Source
from pipeline.git.command import git_text, run_git
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


@pytest.mark.slow
def test_a_push_runs_it_without_gits_own_variables(project, tmp_path):
    repository = Repository(project, tmp_path, Source.STATIC)
    assert repository.push("main") == []
    head = git_text("-C", str(repository.clone), "rev-parse", "HEAD")
    commits = ["--before", "0" * 40, "--after", head, "--way", "git hook"]
    assert repository.calls == ["trigger", "static", "--project", str(project.root), *commits]


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_failed_release_is_said_in_the_last_line(project, tmp_path):
    repository = Repository(project, tmp_path, code=3)
    assert repository.push("main")[-1].startswith("tandem: NOT RELEASED: the push is stored")


@pytest.mark.slow
def test_the_last_line_of_a_failed_release_ends_with_a_command_for_any_folder(project, tmp_path):
    repository = Repository(project, tmp_path, code=3)
    command = repository.push("main")[-1].partition("(see above); ")[2]
    repository.log.unlink()
    subprocess.run(["sh", "-c", command], cwd="/", check=False)
    assert repository.calls == ["status", "--project", str(project.root)]


@pytest.mark.slow
def test_installing_twice_leaves_one_hook_that_runs(project, tmp_path):
    bare = make_bare(tmp_path / "app.git")
    first = git_hook.install(project, Source.APP, bare)
    (bare / "hooks" / "post-receive").write_text("#!/bin/sh\n# Written by tandem up.\n")
    assert git_hook.install(project, Source.APP, bare) == first
    assert [file.name for file in (bare / "hooks").iterdir() if not file.name.endswith(".sample")] == [
        "post-receive"
    ]
    assert os.access(first, os.X_OK)
    assert first.read_text() == git_hook.script(project, Source.APP)


def make_bare(folder):
    run_git("init", "--quiet", "--bare", str(folder))
    return folder


@pytest.mark.slow
def test_another_hook_stays_and_the_hint_is_the_line_to_add(project, tmp_path):
    bare = make_bare(tmp_path / "app.git")
    hook = bare / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nmail -s pushed team\n")
    with pytest.raises(TandemError, match="is another hook: it stays") as caught:
        git_hook.install(project, Source.APP, bare)
    assert caught.value.hint.endswith(f"tandem trigger app --project {shlex.quote(str(project.root))}")
    assert hook.read_text() == "#!/bin/sh\nmail -s pushed team\n"


@pytest.mark.slow
def test_the_hook_goes_where_git_looks_for_it(project, tmp_path):
    """core.hooksPath moves all hooks; a work tree's are in .git."""
    bare, tree = make_bare(tmp_path / "app.git"), tmp_path / "tree"
    run_git("--git-dir", str(bare), "config", "core.hooksPath", "server-hooks")
    assert git_hook.install(project, Source.APP, bare) == bare / "server-hooks" / "post-receive"
    run_git("init", "--quiet", str(tree))
    assert git_hook.install(project, Source.APP, tree) == tree / ".git" / "hooks" / "post-receive"
    run_git("-C", str(tree), "config", "core.hooksPath", ".githooks")
    assert git_hook.install(project, Source.APP, tree) == tree / ".githooks" / "post-receive"
    with pytest.raises(TandemError, match="is no git repository"):
        git_hook.install(project, Source.APP, tmp_path)


def test_the_hook_of_an_environment_names_it(project):
    assert "tandem trigger app --env prod --project" in git_hook.script(project, Source.APP, "prod")


@pytest.mark.slow
def test_the_verb_finds_the_source_by_its_repository(project, tmp_path, capsys):
    bare, other = make_bare(tmp_path / "content.git"), make_bare(tmp_path / "other.git")
    toml = project.root / "tandem.toml"
    toml.write_text(toml.read_text().replace("examples/static", str(bare)))
    install(bare, project=project.root)
    hook = Path(capsys.readouterr().out.strip())
    assert hook == bare / "hooks" / "post-receive"
    assert " trigger static " in hook.read_text()
    with pytest.raises(TandemError, match="is no git repository") as caught:
        install(tmp_path / "new one.git", project=project.root)
    assert caught.value.hint == f"git init --bare '{tmp_path}/new one.git'"
    with pytest.raises(TandemError, match="no source of tandem") as caught:
        install(other, project=project.root)
    assert caught.value.hint == f"tandem hook install {other} --source app"
    install(other, Source.API, project=project.root)
    toml.write_text(toml.read_text().replace("examples/app", str(bare)))
    with pytest.raises(TandemError, match="sources app and static have it"):
        install(bare, project=project.root)


@pytest.mark.slow
def test_who_pushes_is_who_the_server_says(project, tmp_path, monkeypatch):
    repository = Repository(project, tmp_path)
    fake = tmp_path / "bin" / "tandem"
    fake.write_text(f"#!/bin/sh\necho $TANDEM_AUTHOR >'{repository.log}'\n")
    for variable in ("TANDEM_AUTHOR", "GL_USERNAME", "GL_USER", "REMOTE_USER"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("GL_USER", "alice")
    repository.push("main")
    assert repository.calls == ["alice"]


@pytest.mark.slow
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
