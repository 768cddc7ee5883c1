"""Rules for CPU and memory: Fargate's sizes, and the sums that the containers request."""

import re
from collections.abc import Iterator

from render.finding import Finding, Node, excerpt

_GIB, _LEAST_MEMORY = 1024, 6


def _steps(low: int, high: int, step: int) -> tuple[int, ...]:
    return tuple(range(low * _GIB, high * _GIB + 1, step * _GIB))


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
SIZES: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: _steps(1, 4, 1),
    1024: _steps(2, 8, 1),
    2048: _steps(4, 16, 1),
    4096: _steps(8, 30, 1),
    8192: _steps(16, 60, 4),
    16384: _steps(32, 120, 8),
    32768: (60 * _GIB, 120 * _GIB, 244 * _GIB),
}
_WHOLE = re.compile(r"[0-9]{1,12}")
_QUANTITY = re.compile(r"([0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})\s*(vcpu|gb)", re.IGNORECASE)
_UNDOCUMENTED = re.compile(r"([0-9]{1,12})\s*mb", re.IGNORECASE)
_UNITS = {"cpu": "vcpu", "memory": "gb"}
_EXAMPLES = {"cpu": "write 256 or 1 vCPU", "memory": "write 512 or 2 GB"}


def cpu_units(value: object) -> int | None:
    """CPU units from `256`, `"256"` or `"1 vCPU"`; None if it is none of these."""
    return _amount(value, "cpu")


def mebibytes(value: object) -> int | None:
    """MiB from `512`, `"512"` or `"2 GB"`; None if it is none of these."""
    return _amount(value, "memory")


def _amount(value: object, key: str) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    if isinstance(value, int):
        return value
    text = value.strip()
    if _WHOLE.fullmatch(text):
        return int(text)
    if key == "memory" and (match := _UNDOCUMENTED.fullmatch(text)):
        return int(match[1])
    match = _QUANTITY.fullmatch(text)
    return round(float(match[1]) * _GIB) if match and match[2].lower() == _UNITS[key] else None


def _not_a_size(root: Node) -> Iterator[Finding]:
    for key in _UNITS:
        value = root.value.get(key)
        if root.has(key) and _amount(value, key) is None:
            yield Finding(root.at(key), f"{excerpt(value)} is not a size", _EXAMPLES[key])
    match = _UNDOCUMENTED.fullmatch(root.text("memory").strip())
    if match:
        yield Finding(
            root.at("memory"), "AWS documents MiB without a unit, and GB", f'write "{match[1]}"', warning=True
        )


def task_size(root: Node) -> Iterator[Finding]:
    cpu, memory = cpu_units(root.value.get("cpu")), mebibytes(root.value.get("memory"))
    yield from _not_a_size(root)
    if cpu is None:
        return
    if cpu not in SIZES:
        yield Finding(
            root.at("cpu"),
            f"{excerpt(root.value['cpu'])} is not one of Fargate's sizes",
            f"use {', '.join(map(str, SIZES))}",
        )
    elif memory is not None and memory not in SIZES[cpu]:
        smallest = min((size for size in SIZES[cpu] if size >= memory), default=SIZES[cpu][-1])
        yield Finding(
            root.at("memory"),
            f"{excerpt(memory)} MiB does not fit {cpu} CPU units",
            f"use {smallest}; possible are {_size_list(SIZES[cpu])} MiB",
        )


def _size_list(sizes: tuple[int, ...]) -> str:
    step = sizes[1] - sizes[0]
    if len(sizes) <= 3 or sizes[0] + step * (len(sizes) - 1) != sizes[-1]:  # noqa: PLR2004 - short enough
        return ", ".join(map(str, sizes))
    return f"{sizes[0]} to {sizes[-1]} in steps of {step}"


def sums(root: Node) -> Iterator[Finding]:
    cpu, memory = cpu_units(root.value.get("cpu")), mebibytes(root.value.get("memory"))
    containers = list(root.containers())
    requested_cpu = sum(container.number("cpu") or 0 for container in containers)
    # The guaranteed amount: the reservation if there is one, else the hard limit.
    requested_memory = sum(
        container.number("memoryReservation") or container.number("memory") or 0 for container in containers
    )
    if cpu is not None and requested_cpu > cpu:
        yield Finding(
            root.at("cpu"),
            f"the containers request {excerpt(requested_cpu)} of {excerpt(cpu)} units",
            "raise it or request less",
        )
    if memory is not None and requested_memory > memory:
        yield Finding(
            root.at("memory"),
            f"the containers request {excerpt(requested_memory)} of {excerpt(memory)} MiB",
            "raise it or request less",
        )


def container_memory(root: Node) -> Iterator[Finding]:
    task = mebibytes(root.value.get("memory"))
    for container in root.containers():
        yield from _amounts(container)
        hard, soft = container.number("memory"), container.number("memoryReservation")
        if hard is not None and soft is not None and hard < soft:
            yield Finding(
                container.at("memory"),
                f"{excerpt(hard)} MiB is below memoryReservation ({excerpt(soft)} MiB)",
                "raise memory or lower memoryReservation",
            )
        if task is not None and hard is not None and hard > task:
            yield Finding(
                container.at("memory"),
                f"{excerpt(hard)} MiB is more than the task's {excerpt(task)} MiB",
                "lower it",
            )


def _amounts(container: Node) -> Iterator[Finding]:
    for key in ("cpu", "memory", "memoryReservation"):
        amount = container.number(key)
        if amount is not None and amount < 0:
            yield Finding(container.at(key), f"{excerpt(amount)} is below zero", "write a larger number")
        elif amount is not None and amount < _LEAST_MEMORY and key != "cpu":
            yield Finding(
                container.at(key),
                f"{excerpt(amount)} MiB is less than the {_LEAST_MEMORY} MiB that a container needs",
                "write a larger number, or remove it",
                warning=True,
            )


def storage(root: Node) -> Iterator[Finding]:
    yield from root.node("ephemeralStorage").between("sizeInGiB", 21, 200, "GiB")


RULES = (task_size, sums, container_memory, storage)
