"""Make a push to a repository on this machine lead to a release: a post-receive hook."""

import shlex
import sys
from pathlib import Path

from pipeline.core.settings import Project
from pipeline.core.values import Source

MARK = "# Written by tandem up."


def install(project: Project, source: Source, repository: Path) -> None:
    """Write the hook into the bare `repository`; whoever pushes sees the release go by."""
    hook = repository / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    whole = hook.with_suffix(".new")
    whole.write_text(script(project, source), encoding="utf-8")
    whole.chmod(0o755)
    whole.replace(hook)


def script(project: Project, source: Source) -> str:
    """The hook: git's own variables must not leak into work on the other repositories."""
    tandem = Path(sys.executable).with_name("tandem")
    command = shlex.join([str(tandem), "trigger", source.value, "--project", str(project.root.resolve())])
    return f"""#!/bin/sh
{MARK}
cat >/dev/null
unset $(git rev-parse --local-env-vars)
exec {command}
"""
