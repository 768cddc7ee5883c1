"""tandem verify: the checks before a release, without a release."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.exit_codes import ExitCode
from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console


def verify(
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
    number: Annotated[
        int | None, typer.Argument(help="The release to check.  [default: what would be released now]")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Check that everything a release names exists and fits.

    Checks images, roles, secrets, log groups, network and limits. The exit code is 1 if a check fails.
    """
    from pipeline.cli.main import this_run
    from pipeline.deploy.plan import candidate, require_current
    from pipeline.deploy.selection import wanted_commits

    session = open_session(project, env)
    if number is None:
        release = candidate(session, wanted_commits(session), require_current(session))
        findings = session.preflight.findings(release, session.project.settings)
    else:
        release = session.store.get(number)
        findings = session.preflight.findings(release, None)
    if as_json:
        console.out(json.dumps([asdict(item) for item in findings], indent=2))
    else:
        lines = "\n".join(map(str, findings))
        console.out(this_run().complete(lines) or "everything that the release names exists")
    if findings:
        count = f"{len(findings)} check{'s' if len(findings) > 1 else ''}"
        console.info(f"{count} failed; nothing was changed")
        raise typer.Exit(ExitCode.FAILED)
