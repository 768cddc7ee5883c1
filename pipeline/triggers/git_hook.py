"""The post-receive hook that releases after a push to a repository on this machine."""

import shlex
import sys
from contextlib import suppress
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.core.settings import LOCAL, Project
from pipeline.core.values import Source
from pipeline.core.whole_file import write_whole
from pipeline.git import sources
from pipeline.git.address import is_url
from pipeline.git.command import GitError, git_text
from pipeline.git.object_store import git_directory

MARK = "# Written by tandem"
_OFF = "/dev/null"  # what this program sets core.hooksPath to for its own git commands


def install_local_hooks(project: Project) -> None:
    """Install the hook in each repository that the local stack made; other repositories stay as they are."""
    for source in project.settings.active_sources:
        repository = Path(sources.locate(project, source))
        if repository.is_relative_to(project.state.absolute()):
            install(project, source, repository)


def source_of(project: Project, repository: Path) -> Source:
    """The source whose repository is at the path `repository`.

    Raises:
        TandemError: There is no repository; or no source, or more than one, has its repository there.
    """
    directory, owners = _directory(repository), []
    for source in project.settings.active_sources:
        with suppress(TandemError):  # another source may have no repository
            where = sources.locate(project, source)
            if not is_url(where) and git_directory(Path(where)) == directory:
                owners.append(source)
    if len(owners) == 1:
        return owners[0]
    reason = f"sources {' and '.join(owners)} have it" if owners else "no source of tandem.toml has it"
    raise TandemError(
        f"the source of {repository} is not clear: {reason}",
        hint=f"tandem hook install {shlex.quote(str(repository))} --source app",
    )


def install(project: Project, source: Source, repository: Path, environment: str = LOCAL) -> Path:
    """Write the hook into `repository`, atomically; returns its file. Its output reaches who pushes.

    Raises:
        TandemError: There is no repository, or it has another post-receive hook.
    """
    hook = _hooks(_directory(repository)) / "post-receive"
    if hook.exists() and MARK not in hook.read_text(encoding="utf-8", errors="replace"):
        command = shlex.join(_command(project, environment, "trigger", source.value))
        raise TandemError(
            f"{hook} is another hook: it stays as it is", hint=f"add this line to it: {command}"
        )
    write_whole(hook, script(project, source, environment).encode(), 0o755)
    return hook


def _directory(repository: Path) -> Path:
    return git_directory(repository, f"git init --bare {shlex.quote(str(repository))}")


def _hooks(repository: Path) -> Path:
    """The folder that git runs this repository's hooks from."""
    paths = [""]
    with suppress(GitError):  # exit code 1: it is not set
        paths += git_text(
            "config", "--type=path", "--get-all", "core.hooksPath", repository=repository
        ).split("\n")
    hooks_path = [path for path in paths if path != _OFF][-1]
    # A relative path starts where hooks run: in a bare repository itself, else in its work tree.
    start = repository.parent if repository.name == ".git" else repository
    return start / hooks_path if hooks_path else repository / "hooks"


def _command(project: Project, environment: str, *verb: str) -> list[str]:
    tandem = Path(sys.executable).with_name("tandem")
    env = [] if environment == LOCAL else ["--env", environment]
    return [str(tandem), *verb, *env, "--project", str(project.root.resolve())]


def script(project: Project, source: Source, environment: str = LOCAL) -> str:
    """The hook's text.

    It releases only if the source's branch moved: other branches, tags and deletions end at once. It unsets
    git's variables, which would lead git commands to this repository only. Servers name who pushes in a
    variable. git ignores the exit code of this hook, so that the last line says it if nothing was released.
    """
    command = shlex.join(_command(project, environment, "trigger", source.value))
    status = shlex.join(_command(project, environment, "status"))
    failure = f"tandem: NOT RELEASED: the push is stored, the release failed (see above); {status}"
    branch = f"refs/heads/{project.settings.sources[source].branch}"
    return f"""#!/bin/sh
{MARK}: tandem hook install
branch={shlex.quote(branch)}
moved=
while read -r old new ref; do
    # A deletion's new id consists of zeros.
    case $new in *[!0]*) [ "$ref" != "$branch" ] || {{ moved=yes before=$old after=$new; }} ;; esac
done
if [ -z "$moved" ]; then
    echo "tandem: nothing to release: $branch did not move"
    exit 0
fi
unset $(git rev-parse --local-env-vars)
export TANDEM_AUTHOR="${{TANDEM_AUTHOR:-${{GL_USERNAME:-${{GL_USER:-$REMOTE_USER}}}}}}"
{command} --before "$before" --after "$after" --way "git hook" && exit
code=$?
printf '%s\\n' {shlex.quote(failure)} >&2
exit $code
"""
