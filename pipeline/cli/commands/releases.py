"""tandem releases: the releases of an environment."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console

if TYPE_CHECKING:
    from pipeline.deploy.manifest import Release
    from pipeline.deploy.store import Store, TrailEntry


def releases(
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
    last: Annotated[int, typer.Option(help="How many releases to list.", min=1)] = 20,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """List the releases, newest first.

    A star marks the release that is current.
    """
    rows = list_releases(open_session(project, env).store, last)
    console.out(json.dumps(rows, indent=2) if as_json else "\n".join(map(_line, rows)) or "no releases yet")


def list_releases(store: "Store", last: int) -> list[dict[str, Any]]:
    """The last releases as JSON values, newest first."""
    current = store.state().current
    deployments = {entry.release: entry for entry in store.trail()}
    numbers = list(reversed(store.numbers()))[:last]
    return [_row(store.get(number), deployments.get(number), current) for number in numbers]


def _row(release: "Release", deployment: "TrailEntry | None", current: int | None) -> dict[str, Any]:
    return {
        "number": release.number,
        "current": release.number == current,
        "created": release.created,
        "author": release.author,
        "why": release.why,
        "layout": release.layout.value,
        "commits": {source.value: commit.id for source, commit in release.commits.items()},
        "restores": release.restores,
        "outcome": deployment.outcome.value if deployment else "never applied",
    }


def _line(row: dict[str, Any]) -> str:
    commits = " ".join(f"{source} {commit[:10]}" for source, commit in sorted(row["commits"].items()))
    mark = "*" if row["current"] else " "
    restores = f", restores {row['restores']}" if row["restores"] else ""
    head = f"{mark} {row['number']:>4}  {row['created']}  {row['outcome']:<11}"
    return f"{head}  {commits}  {row['why']}{restores}"
