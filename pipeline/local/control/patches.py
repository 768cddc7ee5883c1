"""Apply all patches on moto, once per process."""

from pipeline.local.control import access, ecs, functions, logs, names, network, scaling, tables, targets

_applied: list[bool] = []


def apply() -> None:
    """Teach moto what it lacks; a second call does nothing."""
    if not _applied:
        for part in (access, ecs, functions, logs, names, network, scaling, tables, targets):
            part.patch()
        _applied.append(True)
