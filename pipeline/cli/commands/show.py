"""tandem show: one release."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console

if TYPE_CHECKING:
    from pipeline.deploy.manifest import Release
    from pipeline.deploy.store import Store


def show(
    number: Annotated[int, typer.Argument(help="The number of the release.")],
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Show one release: commits, images, deployments."""
    store = open_session(project, env).store
    release = store.get(number)
    console.out(release.dump().decode() if as_json else as_text(release, store), end="" if as_json else "\n")


def as_text(release: "Release", store: "Store") -> str:
    """The release for people, several lines."""
    restores = f", repeats {release.restores}" if release.restores else ""
    size = f"{release.count} tasks of {release.task_definition['cpu']} CPU units, "
    api = f"API {release.api.memory} MB, {release.api.timeout} s" if release.api else "no API"
    size += f"{release.task_definition['memory']} MiB; {api}"
    return "\n".join(
        [
            f"release {release.number} of {release.environment}, {release.layout}",
            f"created {release.created} by {release.author}: {release.why}",
            f"replaces {release.replaces or 'nothing'}{restores}",
            *(f"caused by {trigger}, {trigger.at}" for trigger in release.triggers),
            size,
            "commits:",
            *(
                f"  {source.value:<8} {commit.id[:10]}  {commit.subject}"
                for source, commit in sorted(release.commits.items())
            ),
            "images:",
            *(f"  {name:<8} {image}" for name, image in sorted(release.images.items())),
            "deployments:",
            *_deployments(release.number, store),
        ]
    )


def _deployments(number: int, store: "Store") -> list[str]:
    return [
        f"  {entry.at}  {entry.outcome.value} by {entry.by}"
        + (": " + entry.reason.replace("\n", "\n      ") if entry.reason else "")
        for entry in store.trail()
        if entry.release == number
    ]
