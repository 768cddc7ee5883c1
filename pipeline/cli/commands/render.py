"""tandem render: print the task definition, or check task definition files."""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.exit_codes import ExitCode
from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console
from pipeline.core.errors import TandemError

if TYPE_CHECKING:
    from render.finding import Finding

STDIN = Path("-")


def render(
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
    check: Annotated[
        list[Path] | None,
        typer.Option("--check", help="Check this file instead, from any origin; - reads stdin."),
    ] = None,
    more: Annotated[
        list[Path] | None, typer.Argument(help="More files to check.", show_default=False)
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Print the task definition, or check task definition files.

    Prints the request that the next release would send to ECS. With --check, holds each file against every
    Fargate rule and the API's model; the exit code is 1 if a file breaks one. Warnings do not count.
    """
    files = [*(check or []), *(more or [])]
    if files:
        _check(files, as_json=as_json)
    else:
        _print_candidate(project, env)


def _print_candidate(project: Path, env: str) -> None:
    from pipeline.deploy.plan import candidate, require_current
    from pipeline.deploy.selection import wanted_commits
    from render.model import dump

    session = open_session(project, env)
    release = candidate(session, wanted_commits(session), require_current(session))
    console.out(dump(release.task_definition), end="")


def _check(files: Iterable[Path], *, as_json: bool) -> None:
    from render.finding import Finding, errors
    from render.task_definition_file import DocumentError

    findings: dict[str, list[Finding]] = {}
    unreadable: list[str] = []
    for file in files:
        try:
            findings[str(file)] = _findings(file)
        except (OSError, DocumentError) as error:
            reason = f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)
            findings[str(file)] = [Finding("$", reason, "check a task definition in JSON")]
            unreadable.append(f"{file} {reason}")
    _print_findings(findings, as_json=as_json)
    if unreadable:
        raise TandemError("\n".join(unreadable), hint="check a task definition in JSON")
    count = sum(len(errors(items)) for items in findings.values())
    if count:
        console.info(f"{count} finding{'s' if count > 1 else ''}")
        raise typer.Exit(ExitCode.FAILED)


def _print_findings(findings: "Mapping[str, list[Finding]]", *, as_json: bool) -> None:
    if as_json:
        document = {name: [asdict(item) for item in items] for name, items in findings.items()}
        console.out(json.dumps(document, indent=2))
    else:
        for name, items in findings.items():
            console.out("\n".join(f"{name}: {item}" for item in items) or f"{name}: follows every rule")


def _findings(file: Path) -> "list[Finding]":
    from pipeline.aws.request_schema import check_document
    from render.task_definition_file import parse

    content = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
    return check_document(parse(content))
