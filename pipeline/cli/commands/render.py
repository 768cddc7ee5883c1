"""tandem render: print the task definition, or check task definition files."""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.exit_codes import ExitCode
from pipeline.cli.options import HERE, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console
from pipeline.core.errors import TandemError

STDIN = Path("-")


def render(
    env: EnvOption = "local",
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
    Fargate rule; the exit code is 1 if a file breaks one.
    """
    files = [*(check or []), *(more or [])]
    if files:
        _check(files, as_json=as_json)
    else:
        _print_candidate(project, env)


def _print_candidate(project: Path, env: str) -> None:
    from pipeline.deploy.plan import candidate, require_current
    from render.model import dump

    session = open_session(project, env)
    release = candidate(session, session.heads(), require_current(session))
    print(dump(release.task_definition), end="")


def _check(files: Iterable[Path], *, as_json: bool) -> None:
    from render import fargate

    findings = {str(file): fargate.check(_read(file)) for file in files}
    if as_json:
        print(
            json.dumps({name: [asdict(item) for item in items] for name, items in findings.items()}, indent=2)
        )
    else:
        for name, items in findings.items():
            print("\n".join(f"{name}: {item}" for item in items) or f"{name}: follows every rule")
    count = sum(map(len, findings.values()))
    if count:
        console.info(f"{count} findings")
        raise typer.Exit(ExitCode.FAILED)


def _read(file: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(sys.stdin.read() if file == STDIN else file.read_text(encoding="utf-8"))
    except OSError as error:
        raise TandemError(f"cannot read {file}: {error.strerror}") from error
    except ValueError as error:
        raise TandemError(f"{file} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise TandemError(f"{file} is not a task definition: it holds no JSON object")
    return content
