"""Read JSON that a registry sent: an object of the expected shape, or an error that says what it is."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pipeline.core.errors import TandemError

_HINT = "check that it is a registry of images, and that its storage is sound"


def parse_object(content: bytes, what: str) -> dict[str, Any]:
    """The JSON object in `content`; `what` names it in messages.

    Raises:
        TandemError: It is not JSON, or no object.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise TandemError(f"{what} is not JSON: {type(error).__name__}", hint=_HINT) from error
    if not isinstance(value, dict):
        raise TandemError(f"{what} is no JSON object", hint=_HINT)
    return value


def parse_config(content: bytes, what: str) -> dict[str, Any]:
    """An image's configuration; what the pipeline reads of it has the types that OCI defines.

    Raises:
        TandemError: It is no image configuration.
    """
    config = parse_object(content, what)
    settings, rootfs = config.get("config") or {}, config.get("rootfs") or {}
    _expect(what, "rootfs", isinstance(rootfs, dict) and _is_texts(rootfs.get("diff_ids") or []))
    _expect(what, "config", isinstance(settings, dict))
    for key, is_valid in _SETTINGS.items():
        _expect(what, f"config.{key}", is_valid(settings.get(key) or {}))
    for key in ("architecture", "os", "variant"):
        _expect(what, key, isinstance(config.get(key, ""), str))
    return config


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_texts(value: object) -> bool:
    return not value or (isinstance(value, list) and all(isinstance(item, str) for item in value))


_SETTINGS: Mapping[str, Callable[[object], bool]] = {
    "Env": _is_texts,
    "Entrypoint": _is_texts,
    "Cmd": _is_texts,
    "Volumes": _is_object,
    "ExposedPorts": _is_object,
    "Labels": _is_object,
}


def _expect(what: str, key: str, is_valid: bool) -> None:  # noqa: FBT001 - the check's result
    if not is_valid:
        raise TandemError(f"{what} is no image configuration: {key} has another type", hint=_HINT)
