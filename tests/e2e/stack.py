"""A whole stack for tests, with a project folder, port, names and sources of its own."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.git.command import git_text, run_git
from pipeline.local.stack import Stack
from tests.support.ports import free_port

PATIENCE = 1800.0  # seconds; others may keep the machine busy
_TANDEM = [sys.executable, "-c", "from pipeline.cli.main import main; main()"]
WHO = ("-c", "user.name=Tester", "-c", "user.email=tester@localhost")


def make_project(folder, *, bulk="8 MB", layout="sidecar", more=""):
    """A project in `folder` with this one's settings, another port and little content."""
    text = (ROOT / "tandem.toml").read_text()
    before, local, after = text.partition("[local]\n# port = 8080")
    assert local
    text = f"{before}[local]\nport = {free_port()}{after}"
    text = text.replace('# bulk = "150 MB"', f'bulk = "{bulk}"')
    text = text.replace('# layout = "sidecar"', f'layout = "{layout}"')
    text = text.replace("# canary_seconds = 10 ", "canary_seconds = 1 ")
    (folder / "tandem.toml").write_text(text + more)
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copytree(ROOT / "examples" / "checks", folder / "checks")
    return load(folder)


@dataclass
class LocalStack:
    """One project, and the commands that its engineer would type; `up` is the finished `tandem up`."""

    project: Project
    up: subprocess.CompletedProcess | None = None

    @property
    def stack(self):
        return Stack.of(self.project)

    @property
    def url(self):
        return self.stack.url

    def tandem(self, *arguments, check=True, environ=None, timeout=PATIENCE):
        """Run a verb and return the finished process; AssertionError with its output if it fails."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env={**self.environ(), **(environ or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert not check or done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done

    def command(self, *arguments):
        verb, *rest = arguments
        return [*_TANDEM, verb, "--project", str(self.project.root), *rest]

    @staticmethod
    def environ():
        """This process's variables without AWS's, which could lead to a real account."""
        return {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}

    def repository(self, source):
        return self.project.state / "repos" / f"{source}.git"

    def clone(self, source, into):
        run_git("clone", "--quiet", str(self.repository(source)), str(into))
        return into

    def commit(self, clone, path, text, message="Change something"):
        """Commit one file in `clone`; returns the commit's id."""
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).write_text(text)
        run_git("-C", str(clone), "add", "--all")
        run_git("-C", str(clone), *WHO, "commit", "--quiet", "-m", message)
        return git_text("-C", str(clone), "rev-parse", "HEAD")

    def push(self, clone, *, check=True, force=False, environ=None):
        """`git push`, as a person would; the hook's output is in stderr."""
        done = subprocess.run(
            ["git", "-C", str(clone), "push", "--quiet", *(["--force"] if force else []), "origin", "HEAD"],
            env={**self.environ(), **(environ or {})},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def manifest(self, number):
        file = self.project.state / "local" / "releases" / "manifests" / f"{number:08d}.json"
        return json.loads(file.read_text())

    def numbers(self):
        folder = self.project.state / "local" / "releases" / "manifests"
        return sorted(int(file.stem) for file in folder.glob("*.json"))
