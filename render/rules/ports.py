"""Rules for ports: an awsvpc task has one IP address, so each port may be used once."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from render.finding import Finding, Node, excerpt

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,64}")
_RANGE = re.compile(r"([0-9]{1,5})-([0-9]{1,5})")
_HIGHEST_PORT, _MOST_RANGES = 65535, 100
_PROTOCOLS = ("tcp", "udp")
_APP_PROTOCOLS = ("http", "http2", "grpc")


@dataclass(frozen=True)
class _PortRange:
    """The ports `low` to `high` of one protocol."""

    low: int
    high: int
    protocol: str

    def overlaps(self, other: "_PortRange") -> bool:
        return self.protocol == other.protocol and self.low <= other.high and other.low <= self.high

    def __str__(self) -> str:
        ports = excerpt(self.low) if self.low == self.high else f"{self.low}-{self.high}"
        return f"{ports}/{self.protocol}"


def ports(root: Node) -> Iterator[Finding]:
    used, single = list[_PortRange](), set[_PortRange]()
    for mapping in _mappings(root):
        if not any(mapping.value.get(key) is not None for key in ("containerPort", "containerPortRange")):
            yield Finding(
                mapping.at("containerPort"), "is required", "add containerPort or containerPortRange"
            )
            continue
        yield from mapping.between("containerPort", 1, _HIGHEST_PORT)
        yield from _host_port(mapping)
        port_range = _claimed(mapping)
        if port_range is None:
            continue
        # Nearly all mappings are of one port, and a file may have thousands: these are looked up.
        is_single = port_range.low == port_range.high
        others = used if is_single else [*used, *single]
        if port_range in single or any(port_range.overlaps(other) for other in others):
            key = "containerPort" if mapping.has("containerPort") else "containerPortRange"
            yield Finding(mapping.at(key), f"{port_range} is used twice in the task", "use another port")
        if is_single:
            single.add(port_range)
        else:
            used.append(port_range)


def protocols(root: Node) -> Iterator[Finding]:
    for mapping in _mappings(root):
        protocol = mapping.text("protocol")
        if protocol and protocol not in _PROTOCOLS:
            small = protocol.lower()
            yield Finding(
                mapping.at("protocol"),
                f"ECS takes {excerpt(protocol)} for tcp",
                f"write {small if small in _PROTOCOLS else ' or '.join(_PROTOCOLS)}",
                warning=True,
            )


def ranges(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        count = sum(mapping.has("containerPortRange") for mapping in container.nodes("portMappings"))
        if count > _MOST_RANGES:
            yield Finding(
                container.at("portMappings"), f"{count} ranges; at most {_MOST_RANGES}", "merge some"
            )
    for mapping in _mappings(root):
        if not mapping.has("containerPortRange"):
            continue
        if mapping.has("containerPort") or mapping.has("hostPort"):
            yield Finding(
                mapping.path, "names a port and a range", "keep containerPort or containerPortRange, not both"
            )
        elif _claimed(mapping) is None:
            yield Finding(
                mapping.at("containerPortRange"),
                f"{excerpt(mapping.value['containerPortRange'])} is not a range of ports",
                "write the lower port, a hyphen and the higher port",
            )


def names(root: Node) -> Iterator[Finding]:
    counts = Counter(mapping.text("name") for mapping in _mappings(root))
    for mapping in _mappings(root):
        name = mapping.text("name")
        if name and not _NAME.fullmatch(name):
            yield Finding(
                mapping.at("name"),
                f"{excerpt(name)} is not a port name",
                "use at most 64 of a-z, 0-9, _ and -, not beginning with -",
            )
        elif name and counts[name] > 1:
            yield Finding(mapping.at("name"), f"{excerpt(name)} is used more than once", "rename one")


def app_protocols(root: Node) -> Iterator[Finding]:
    for mapping in _mappings(root):
        protocol = mapping.text("appProtocol")
        if protocol and protocol not in _APP_PROTOCOLS:
            yield Finding(
                mapping.at("appProtocol"),
                f"{excerpt(protocol)} is not an application protocol",
                f"use {', '.join(_APP_PROTOCOLS)}, or remove it",
            )


def _mappings(root: Node) -> Iterator[Node]:
    for container in root.containers():
        yield from container.nodes("portMappings")


def _claimed(mapping: Node) -> _PortRange | None:
    """The ports that the mapping uses; None if it names none."""
    protocol = "udp" if mapping.text("protocol") == "udp" else "tcp"
    match = _RANGE.fullmatch(mapping.text("containerPortRange"))
    if match and 1 <= int(match[1]) < int(match[2]) <= _HIGHEST_PORT:
        return _PortRange(int(match[1]), int(match[2]), protocol)
    port = mapping.number("containerPort")
    return None if port is None else _PortRange(port, port, protocol)


def _host_port(mapping: Node) -> Iterator[Finding]:
    host, port = mapping.number("hostPort"), mapping.number("containerPort")
    if host not in (None, 0, port) and not mapping.has("containerPortRange"):
        yield Finding(
            mapping.at("hostPort"),
            f"{excerpt(host)} differs from containerPort {excerpt(port)}",
            "remove hostPort",
        )


RULES = (ports, protocols, ranges, names, app_protocols)
