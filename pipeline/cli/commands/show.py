"""tandem show: one release."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, JsonOption, ProjectOption, open_project, session
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Store


def show(
    env: EnvOption,
    number: Annotated[int, typer.Argument(help="The release.")],
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Show what a release runs, where it came from, and what became of it."""
    store = session(open_project(project), env).store
    release = store.get(number)
    print(release.dump().decode() if as_json else told(release, store), end="" if as_json else "\n")


def told(release: Release, store: Store) -> str:
    """The release for people."""
    head = f"release {release.number} of {release.environment}, {release.layout}"
    origin = f"made {release.created} by {release.author}: {release.why}"
    replaces = f"replaces {release.replaces or 'nothing'}"
    restores = f", repeats {release.restores}" if release.restores else ""
    commits = [
        f"  {source.value:<8} {commit.id[:10]}  {commit.subject}"
        for source, commit in sorted(release.commits.items())
    ]
    images = [f"  {name:<8} {image}" for name, image in sorted(release.images.items())]
    fate = [
        f"  {entry.at}  {entry.outcome.value} by {entry.by}"
        + (": " + entry.reason.replace("\n", "\n      ") if entry.reason else "")
        for entry in store.trail()
        if entry.release == release.number
    ]
    size = f"{release.count} tasks of {release.task_definition['cpu']} CPU units, "
    size += f"{release.task_definition['memory']} MiB; API {release.api.memory} MB, {release.api.timeout} s"
    return "\n".join(
        [
            head,
            origin,
            replaces + restores,
            size,
            "commits:",
            *commits,
            "images:",
            *images,
            "deployments:",
            *fate,
        ]
    )
