"""Remove what a stack left on Docker: by its label, and images by its names; nothing else."""

from collections.abc import Callable, Collection, Iterable
from time import sleep

from docker import DockerClient
from docker.errors import APIError, NotFound

from pipeline.local.context import LABEL

Say = Callable[[str], None]
_ATTEMPTS = 20
_PAUSE = 0.5
_GONE_OR_USED = {404, 409}


def find_containers(
    client: DockerClient, stack: str, roles: Collection[str] = (), *, running: bool = False
) -> list[str]:
    """Ids of the stack's containers, of these roles or of all; `running` leaves the stopped ones out."""
    labelled = client.api.containers(all=not running, filters={"label": [f"{LABEL}.stack={stack}"]})
    return [each["Id"] for each in labelled if not roles or each["Labels"].get(f"{LABEL}.role") in roles]


def remove_containers(client: DockerClient, stack: str, roles: Collection[str] = ()) -> int:
    """Remove what `find_containers` finds, with its anonymous volumes; the number of containers."""
    ids = find_containers(client, stack, roles)
    for container in ids:
        _gone(lambda container=container: client.api.remove_container(container, v=True, force=True))  # type: ignore[misc]
    return len(ids)


def remove_volumes(client: DockerClient, stack: str, *, tasks_only: bool = False) -> int:
    wanted = [f"{LABEL}.stack={stack}", *([f"{LABEL}.task"] if tasks_only else [])]
    found = client.volumes.list(filters={"label": wanted})
    for volume in found:
        _gone(lambda volume=volume: volume.remove(force=True))  # type: ignore[misc]
    return len(found)


def remove_networks(client: DockerClient, stack: str) -> int:
    found = client.networks.list(filters={"label": f"{LABEL}.stack={stack}"})
    for network in found:
        _emptied(client, stack, network.remove)
    return len(found)


def _emptied(client: DockerClient, stack: str, remove: Callable[[], object]) -> None:
    """Remove a network; a container may still be joining it, begun before its owner ended."""
    for attempt in range(_ATTEMPTS):
        try:
            _gone(remove)
        except APIError as error:
            if "active endpoints" not in str(error.explanation) or attempt == _ATTEMPTS - 1:
                raise
            remove_containers(client, stack)
            sleep(_PAUSE)
        else:
            return


def remove_images(client: DockerClient, prefixes: Iterable[str]) -> int:
    """Remove all tags and digests that begin so, and with the last of them the image."""
    starts = tuple(prefixes)
    names = {
        name
        for image in client.api.images(all=False)
        for name in (*(image["RepoTags"] or ()), *(image["RepoDigests"] or ()))
        if name.startswith(starts)
    }
    for name in sorted(names, key=lambda name: "@" in name):
        _gone(lambda name=name: client.api.remove_image(name, force=True))  # type: ignore[misc]
    return len(names)


def remove_unused_images(client: DockerClient, names: Iterable[str]) -> int:
    """Remove these images unless a container still runs on them; how many."""
    count = 0
    for name in names:
        try:
            client.api.remove_image(name)
        except APIError as error:
            if error.status_code not in _GONE_OR_USED:
                raise
        else:
            count += 1
    return count


def _gone(remove: Callable[[], object]) -> None:
    """Remove something that another may be removing too."""
    try:
        remove()
    except NotFound:
        pass
    except APIError as error:
        if error.status_code != 409 or "already in progress" not in str(error.explanation):  # noqa: PLR2004
            raise
