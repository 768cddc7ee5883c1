"""tandem verify: prove that everything a release names exists."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, JsonOption, ProjectOption, open_project, session
from pipeline.core import console
from pipeline.deploy import preflight as checks
from pipeline.deploy import preview


def verify(
    env: EnvOption,
    project: ProjectOption = HERE,
    number: Annotated[
        int | None, typer.Argument(help="A release; without it, what would be released.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Check that images, roles, secrets, logs, network and limits are as the release needs them."""
    at = session(open_project(project), env)
    released = at.store.get(number) if number else preview.current(at)
    wanted = released if number else preview.candidate(at, preview.heads(at), released)
    found = checks.verify(at.platform, wanted, proof=at.proof)
    if as_json:
        print(json.dumps([asdict(item) for item in found], indent=2))
    else:
        print("\n".join(map(str, found)) or "everything that the release names is there")
    if found:
        console.info(f"{len(found)} checks failed; nothing was changed")
        raise typer.Exit(1)
