"""Sizes, tags and Windows: what Fargate refuses, what it takes, and likely mistakes."""

# ruff: noqa: ARG005 - each change takes the task, app and static, and needs one of them

from typing import Any

from render.rules.sizes import SIZES
from tests.render.breaks import APP, Break
from tests.render.breaks_of_options import windows


def size(cpu: object, memory: object) -> Break:
    return lambda t, a, s: t.update(cpu=cpu, memory=memory)


def tags(*every_tag: dict[str, Any]) -> Break:
    return lambda t, a, s: t.update(tags=list(every_tag))


def on_windows(**settings: object) -> Break:
    return lambda t, a, s: (windows()(t, a, s), a.update(settings))


RULES: dict[str, tuple[Break, str, str]] = {
    f"cpu {cpu!r}": (size(cpu, "512"), "$.cpu", "not a size")
    for cpu in ("1 GB", "1024.0", "1 vCPUs", "1 cpu", "1,024", "+256", "-256", "1e3", "0x400", "٢٥٦")
}
RULES |= {
    f"memory {memory!r}": (size("256", memory), "$.memory", "not a size")
    for memory in ("2 vCPU", "512.5", "2 GiB", "2G", "2,048", "0.5 GBs", "512 kb", "1e3", "0x200")
}
RULES |= {
    f"{cpu} with {memory}": (size(str(cpu), str(memory)), "$.memory", "does not fit")
    for cpu, sizes in SIZES.items()
    for memory in (sizes[0] - 1, sizes[0] + 1, sizes[-1] + 1, sizes[-1] + 1024)
}
RULES |= {
    "tag without key": (tags({"value": "x"}), "$.tags[0].key", "is required"),
    "tag twice": (tags({"key": "a"}, {"key": "a", "value": "b"}), "$.tags[1].key", "more than once"),
    "a comma in a tag": (tags({"key": "a", "value": "b,c"}), "$.tags[0].value", "cannot have ','"),
    "a sign in a tag's key": (tags({"key": "a#"}), "$.tags[0].key", "cannot have '#'"),
    "a picture in a tag": (tags({"key": "a", "value": "🚀"}), "$.tags[0].value", "cannot have '🚀'"),
    "a line in a tag": (tags({"key": "a", "value": "b\nc"}), "$.tags[0].value", r"cannot have '\n'"),
    "CPU below zero": (lambda t, a, s: a.update(cpu=-1), f"{APP}.cpu", "below zero"),
    "memory below zero": (lambda t, a, s: a.update(memory=-1), f"{APP}.memory", "below zero"),
    "reserved memory below zero": (
        lambda t, a, s: a.update(memoryReservation=-1),
        f"{APP}.memoryReservation",
        "below zero",
    ),
    "disk of Windows": (
        lambda t, a, s: (on_windows()(t, a, s), t.update(ephemeralStorage={"sizeInGiB": 50})),
        "$.ephemeralStorage",
        "not on Windows",
    ),
    "processes of Windows": (
        lambda t, a, s: (on_windows()(t, a, s), t.update(pidMode="task")),
        "$.pidMode",
        "not on Windows",
    ),
    "EFS of Windows": (
        lambda t, a, s: (
            on_windows()(t, a, s),
            t["volumes"][0].update(efsVolumeConfiguration={"fileSystemId": "fs-0123456789abcdef0"}),
        ),
        "$.volumes[0].efsVolumeConfiguration",
        "not on Windows",
    ),
}
_OF_LINUX: dict[str, object] = {
    "linuxParameters": {"initProcessEnabled": True},
    "user": "1000",
    "ulimits": [{"name": "nofile", "softLimit": 1, "hardLimit": 1}],
    "systemControls": [{"namespace": "net.core.somaxconn", "value": "1"}],
    "readonlyRootFilesystem": True,
}
RULES |= {
    f"{key} of Windows": (on_windows(**{key: value}), f"{APP}.{key}", "not on Windows")
    for key, value in _OF_LINUX.items()
}

WARNINGS: dict[str, tuple[Break, str, str]] = {
    "MB": (size("256", "512 MB"), "$.memory", 'write "512"'),
    "little memory": (lambda t, a, s: a.update(memory=5), f"{APP}.memory", "6 MiB"),
    "little reserved memory": (
        lambda t, a, s: a.update(memoryReservation=4),
        f"{APP}.memoryReservation",
        "6 MiB",
    ),
    "a digest in capital letters": (
        lambda t, a, s: a.update(image="nginx@sha256:" + "A" * 64),
        f"{APP}.image",
        "capital letters",
    ),
}

ACCEPTED: dict[str, Break] = {
    f"{cpu} with {memory}": size(str(cpu), str(memory)) for cpu, sizes in SIZES.items() for memory in sizes
}
ACCEPTED |= {f"cpu {cpu!r}": size(cpu, "2048") for cpu in ("1 vCPU", "1vcpu", "1.0 VCPU", " 1024 ")}
ACCEPTED |= {f"memory {memory!r}": size("1024", memory) for memory in ("2 GB", "2gb", "2.0 GB", " 2048")}
ACCEPTED |= {
    "tags of all letters": tags(
        {"key": "größe_.:/=+-@", "value": "ü ö 1"}, {"key": "Größe"}, {"key": "k", "value": ""}
    ),
    "memory of six MiB": lambda t, a, s: a.update(memory=6),
    "a container without CPU": lambda t, a, s: a.update(cpu=0),
    "Windows that writes": on_windows(readonlyRootFilesystem=False),
}
