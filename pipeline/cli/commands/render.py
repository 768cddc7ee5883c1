"""tandem render: print the task definition, or check any."""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.options import HERE, JsonOption, ProjectOption, open_project, session
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.deploy import preview
from render import fargate
from render.model import dump

STDIN = Path("-")


def render(
    env: Annotated[
        str, typer.Option("--env", envvar="TANDEM_ENV", help="Which environment to render for.")
    ] = "local",
    project: ProjectOption = HERE,
    check: Annotated[
        list[Path] | None,
        typer.Option("--check", help="Check this task definition instead, ours or anyone's; - reads stdin."),
    ] = None,
    more: Annotated[
        list[Path] | None, typer.Argument(help="More files to check.", show_default=False)
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Print the task definition as ECS would get it, or check any against every Fargate rule."""
    files = [*(check or []), *(more or [])]
    if files:
        _check(files, as_json=as_json)
        return
    at = session(open_project(project), env)
    wanted = preview.candidate(at, preview.heads(at), preview.current(at))
    print(dump(wanted.task_definition), end="")


def _check(files: Iterable[Path], *, as_json: bool) -> None:
    findings = {str(file): fargate.check(_read(file)) for file in files}
    count = sum(map(len, findings.values()))
    if as_json:
        print(
            json.dumps({name: [asdict(item) for item in found] for name, found in findings.items()}, indent=2)
        )
    else:
        for name, found in findings.items():
            print("\n".join(f"{name}: {item}" for item in found) or f"{name}: obeys every rule")
    if count:
        console.info(f"{count} findings")
        raise typer.Exit(1)


def _read(file: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(sys.stdin.read() if file == STDIN else file.read_text(encoding="utf-8"))
    except OSError as error:
        raise TandemError(f"cannot read {file}: {error.strerror}") from error
    except ValueError as error:
        raise TandemError(f"{file} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise TandemError(f"{file} is no task definition: it holds no JSON object")
    return found
