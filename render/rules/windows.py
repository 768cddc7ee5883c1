"""Rules for tasks that run Windows containers.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-task-os
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
https://docs.aws.amazon.com/batch/latest/APIReference/API_RuntimePlatform.html
"""

from collections.abc import Iterator

from render.finding import Finding, Node, excerpt
from render.rules.sizes import cpu_units

_SIZES = (1024, 2048, 4096)
_TASK = ("ephemeralStorage", "pidMode")
_CONTAINER = ("linuxParameters", "user", "ulimits", "systemControls", "readonlyRootFilesystem")
_FAMILIES = tuple(
    f"WINDOWS_SERVER_{year}_{edition}" for year in (2019, 2022, 2025) for edition in ("FULL", "CORE")
)


def windows(root: Node) -> Iterator[Finding]:
    platform = root.node("runtimePlatform")
    family = platform.text("operatingSystemFamily")
    if not family.startswith("WINDOWS"):
        return
    if family not in _FAMILIES:
        yield Finding(
            platform.at("operatingSystemFamily"),
            f"{excerpt(family)} is not on Fargate",
            f"use {', '.join(_FAMILIES)}",
        )
    if platform.text("cpuArchitecture") == "ARM64":
        yield Finding(platform.at("cpuArchitecture"), "Windows has no ARM64 on Fargate", 'set it to "X86_64"')
    cpu = cpu_units(root.value.get("cpu"))
    if cpu is not None and cpu not in _SIZES:
        yield Finding(
            root.at("cpu"),
            f"{excerpt(root.value['cpu'])} is not one of Fargate's sizes for Windows",
            f"use {', '.join(map(str, _SIZES))}",
        )
    yield from _not_on_windows(root)


def _not_on_windows(root: Node) -> Iterator[Finding]:
    for key in _TASK:
        if root.has(key):
            yield Finding(root.at(key), "not on Windows", f"remove {key}")
    for volume in root.nodes("volumes"):
        if volume.has("efsVolumeConfiguration"):
            yield Finding(volume.at("efsVolumeConfiguration"), "not on Windows", "remove the volume")
    for container in root.containers():
        for key in _CONTAINER:
            if container.has(key):
                yield Finding(container.at(key), "not on Windows", f"remove {key}")
        if container.has("environmentFiles"):
            yield Finding(
                container.at("environmentFiles"),
                "Windows containers take no environment files",
                "write the variables into environment",
            )


RULES = (windows,)
