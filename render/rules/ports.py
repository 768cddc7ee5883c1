"""Rules for ports: an awsvpc task has one IP address, so each port may be used once."""

import re
from collections import Counter
from collections.abc import Iterator

from render.finding import Finding, Node

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,64}")


def _key(mapping: Node) -> tuple[int | None, str]:
    return mapping.number("containerPort"), mapping.text("protocol") or "tcp"


def ports(root: Node) -> Iterator[Finding]:
    mappings = [mapping for container in root.containers() for mapping in container.nodes("portMappings")]
    used = Counter(_key(mapping) for mapping in mappings)
    names = Counter(mapping.text("name") for mapping in mappings)
    for mapping in mappings:
        yield from mapping.between("containerPort", 1, 65535)
        port, protocol = _key(mapping)
        host = mapping.number("hostPort")
        if host not in (None, 0, port):
            yield Finding(
                mapping.at("hostPort"), f"{host} differs from containerPort {port}", "remove hostPort"
            )
        if port is not None and used[_key(mapping)] > 1:
            yield Finding(
                mapping.at("containerPort"),
                f"{port}/{protocol} is used twice in the task",
                "use another port",
            )
        name = mapping.text("name")
        if name and not _NAME.fullmatch(name):
            yield Finding(
                mapping.at("name"),
                f"{name!r} is not a port name",
                "use at most 64 of a-z, 0-9, _ and -, not beginning with -",
            )
        elif name and names[name] > 1:
            yield Finding(mapping.at("name"), f"{name!r} is used more than once", "rename one")


RULES = (ports,)
