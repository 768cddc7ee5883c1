"""Find and remove a stack's objects on Docker: images by their names, all others by the stack's label."""

from collections.abc import Callable, Collection, Iterable
from functools import partial

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.networks import Network

from pipeline.core.retry import retry_context
from pipeline.local.context import LABEL

_ATTEMPTS = 20
_PAUSE = 0.5
_GONE_OR_USED = {404, 409}


def find_containers(
    client: DockerClient, stack: str, roles: Collection[str] = (), *, running: bool = False
) -> list[str]:
    """Ids of the stack's containers, of these roles or of all; `running` leaves the stopped ones out."""
    containers = client.api.containers(all=not running, filters={"label": [f"{LABEL}.stack={stack}"]})
    return [each["Id"] for each in containers if not roles or each["Labels"].get(f"{LABEL}.role") in roles]


def remove_containers(client: DockerClient, stack: str, roles: Collection[str] = ()) -> int:
    """Remove what `find_containers` finds, with its anonymous volumes; the number of containers."""
    ids = find_containers(client, stack, roles)
    for container in ids:
        _ignore_missing(partial(client.api.remove_container, container, v=True, force=True))
    return len(ids)


def remove_volumes(client: DockerClient, stack: str, *, tasks_only: bool = False) -> int:
    """Remove the stack's volumes, or only those of ECS tasks; their number."""
    labels = [f"{LABEL}.stack={stack}", *([f"{LABEL}.task"] if tasks_only else [])]
    volumes = client.volumes.list(filters={"label": labels})
    for volume in volumes:
        _ignore_missing(partial(volume.remove, force=True))
    return len(volumes)


def remove_networks(client: DockerClient, stack: str) -> int:
    """Remove the stack's networks, except those that Docker keeps (`explain_networks_left`); their number."""
    return sum(_remove_network(client, stack, network) for network in _networks(client, stack))


def explain_networks_left(client: DockerClient, stack: str) -> list[str]:
    """Why each network of the stack that is still there could not be removed: a sentence each."""
    return [_explain_left(network) for network in _networks(client, stack)]


def _networks(client: DockerClient, stack: str) -> list[Network]:
    return client.networks.list(filters={"label": f"{LABEL}.stack={stack}"})


def _remove_network(client: DockerClient, stack: str, network: Network) -> bool:
    """Remove a network, with the containers that the stack's ended process was still starting on it."""
    try:
        for attempt in retry_context(
            on=_has_endpoints,
            attempts=_ATTEMPTS,
            timeout=None,
            wait_initial=_PAUSE,
            wait_max=_PAUSE,
            wait_jitter=0,
            wait_exp_base=1,
        ):
            with attempt:
                if attempt.num > 1:
                    remove_containers(client, stack)
                _ignore_missing(network.remove)
    except APIError as error:
        if not _has_endpoints(error):
            raise
        return False
    return True


def _explain_left(network: Network) -> str:
    """Containers of others are on the network, or Docker counts endpoints that are gone.

    Docker miscounts where many containers start and end at once, until it starts again
    (https://github.com/moby/moby/issues/42119).
    """
    network.reload()
    users = sorted(each["Name"] for each in (network.attrs["Containers"] or {}).values())
    if users:
        return f"the network {network.name} stays: {', '.join(users)}, not of this stack, use it"
    return f"the network {network.name} stays until Docker restarts: Docker counts containers that are gone"


def _has_endpoints(error: Exception) -> bool:
    return isinstance(error, APIError) and "active endpoints" in str(error.explanation)


def remove_images(client: DockerClient, prefixes: Iterable[str]) -> int:
    """Remove all image names that begin with a prefix, and images without other names; how many names."""
    beginnings = tuple(prefixes)
    return _remove_names(client, lambda name: name.startswith(beginnings))


def remove_measured_images(client: DockerClient, stack: str) -> int:
    """Remove all names of images that a measurement of the stack pulled, from whatever registry it had."""
    return _remove_names(client, lambda name: f"/{measured_path(stack)}/" in name)


def measured_path(stack: str) -> str:
    """The first part of the path of a measurement's images; their registry's port is another each time."""
    return f"measurement-{stack}"


def _remove_names(client: DockerClient, is_chosen: Callable[[str], bool]) -> int:
    names = {
        name
        for image in client.api.images(all=False)
        for name in (*(image["RepoTags"] or ()), *(image["RepoDigests"] or ()))
        if is_chosen(name)
    }
    for name in sorted(names, key=lambda name: "@" in name):
        _ignore_missing(partial(client.api.remove_image, name, force=True))
    return len(names)


def remove_all(client: DockerClient, stack: str) -> None:
    """Remove what carries the stack's label: containers, volumes, networks and images."""
    remove_containers(client, stack)
    remove_volumes(client, stack)
    remove_networks(client, stack)
    remove_labelled_images(client, stack)


def remove_labelled_images(client: DockerClient, stack: str) -> int:
    """Remove the images that carry the stack's label themselves; their number."""
    images = client.api.images(all=False, filters={"label": [f"{LABEL}.stack={stack}"]})
    for image in images:
        _ignore_missing(partial(client.api.remove_image, image["Id"], force=True))
    return len(images)


def remove_unused_images(client: DockerClient, names: Iterable[str]) -> int:
    """Remove these images, except those that a container uses; the number of removed ones."""
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


def _ignore_missing(remove: Callable[[], object]) -> None:
    """Call `remove`; another process may be removing the same object."""
    try:
        remove()
    except NotFound:
        pass
    except APIError as error:
        if error.status_code != 409 or "already in progress" not in str(error.explanation):  # noqa: PLR2004
            raise
