"""The post-receive hook that releases after a push to a repository on this machine."""

import shlex
import sys
from pathlib import Path

from pipeline.core.settings import Project
from pipeline.core.values import Source
from pipeline.git import sources

MARK = "# Written by tandem up."


def install_local_hooks(project: Project) -> None:
    """Install the hook in each repository that the local stack made; other repositories stay as they are."""
    for source in Source:
        repository = Path(sources.locate(project, source))
        if repository.is_relative_to(project.state.absolute()):
            install(project, source, repository)


def install(project: Project, source: Source, repository: Path) -> None:
    """Write the hook into the bare `repository`, atomically. Its output reaches the person who pushes."""
    hook = repository / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    complete = hook.with_suffix(".new")
    complete.write_text(script(project, source), encoding="utf-8")
    complete.chmod(0o755)
    complete.replace(hook)


def script(project: Project, source: Source) -> str:
    """The hook's text.

    It releases only if the source's branch moved: other branches, tags and deletions end at once. It unsets
    git's variables, which would lead git commands to this repository only. git ignores the exit code of this
    hook, so that the last line says it if nothing was released.
    """
    tandem = Path(sys.executable).with_name("tandem")
    command = shlex.join([str(tandem), "trigger", source.value, "--project", str(project.root.resolve())])
    branch = f"refs/heads/{project.settings.sources[source].branch}"
    return f"""#!/bin/sh
{MARK}
branch={shlex.quote(branch)}
moved=
while read -r old new ref; do
    # A deletion's new id consists of zeros.
    case $new in *[!0]*) [ "$ref" != "$branch" ] || moved=yes ;; esac
done
if [ -z "$moved" ]; then
    echo "tandem: nothing to release: $branch did not move"
    exit 0
fi
unset $(git rev-parse --local-env-vars)
{command} && exit
code=$?
echo "tandem: NOT RELEASED: the push is stored, the release failed (see above); tandem status" >&2
exit $code
"""
