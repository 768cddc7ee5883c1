"""What a visitor sees of a release: no values of variables, no ARNs, no names of machines; pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from console import cost

Document = Mapping[str, Any]
_ARN = re.compile(r"arn:[\w-]+:[^\s,;'\"]*[^\s,;:.'\"]")
_HELD_BY = re.compile(r"(\bheld at \w+ since \S+) by .*? (?=until (?:its head moves or `|`|\d{4}-\d\d-))")


def for_visitors(text: str) -> str:
    """The text without the account and without who holds a source and why.

    Each ARN is shortened to the resource's own name.
    """
    return _ARN.sub(lambda match: re.split("[:/]", match[0])[-1], _HELD_BY.sub(r"\1 ", text))


def outcome(trail: Sequence[Document]) -> dict[str, Any]:
    """How a release's last deployment ended, from its entries of the trail, oldest first."""
    if not trail:
        return {"outcome": "started", "at": None, "reason": ""}
    last = trail[-1]
    return {"outcome": last["outcome"], "at": last["at"], "reason": for_visitors(last.get("reason", ""))}


def summary(manifest: Document, trail: Sequence[Document], current: int | None) -> dict[str, Any]:
    """A release in a list."""
    return {
        "number": manifest["number"],
        "current": manifest["number"] == current,
        "created": manifest["created"],
        "why": manifest["why"],
        "restores": manifest.get("restores"),
        "commits": manifest["commits"],
        **outcome(trail),
    }


def release(
    manifest: Document, trail: Sequence[Document], runs: Sequence[Document], current: int | None
) -> dict[str, Any]:
    """One release with its images, sizes, deployments, and where the time of its last run went."""
    task = manifest["task_definition"]
    return {
        **summary(manifest, trail, current),
        "layout": manifest["layout"],
        "replaces": manifest.get("replaces"),
        "images": manifest["images"],
        "left_out": {source: for_visitors(why) for source, why in manifest.get("left_out", {}).items()},
        "task": {"cpu": task.get("cpu"), "memory": task.get("memory"), "count": manifest["count"]},
        "cost": cost.tasks(task, manifest["count"]),
        "api": {key: manifest["api"][key] for key in ("memory", "timeout")} if manifest["api"] else None,
        "deployments": [entry(each) for each in trail],
        "run": _run(runs[-1]) if runs else None,
    }


def _run(record: Document) -> dict[str, Any]:
    """A run's parts, in seconds since its start."""
    parts = [{key: span[key] for key in ("name", "began", "seconds", "depth")} for span in record["spans"]]
    return {
        "seconds": record["seconds"],
        "new_content": record.get("new_content"),
        "parts": sorted(parts, key=lambda part: (part["began"], part["depth"])),
    }


def entry(document: Document) -> dict[str, Any]:
    """One entry of the trail, without who made it."""
    return {key: document[key] for key in ("sequence", "release", "outcome", "at")} | {
        "reason": for_visitors(document.get("reason", ""))
    }


def diff(old: Document, new: Document) -> dict[str, Any]:
    """What two releases differ in: commits and images by value, settings by name only."""
    return {
        "from": old["number"],
        "to": new["number"],
        "commits": _changed(old["commits"], new["commits"]),
        "images": _changed(old["images"], new["images"]),
        "settings": sorted(_settings(old, new)),
    }


def _changed(old: Document, new: Document) -> dict[str, dict[str, Any]]:
    names = sorted({*old, *new})
    return {
        name: {"from": old.get(name), "to": new.get(name)} for name in names if old.get(name) != new.get(name)
    }


def _settings(old: Document, new: Document) -> set[str]:
    """Names of the settings with different values, such as `task.memory` and `api.environment.COLOUR`."""
    names = {key for key in ("layout", "count", "grace_seconds") if old.get(key) != new.get(key)}
    # A release without an API has null.
    names |= _names("api.", {**(old["api"] or {}), "image": ""}, {**(new["api"] or {}), "image": ""})
    return names | _names("task.", _task(old), _task(new))


def _task(manifest: Document) -> dict[str, Any]:
    """A task definition's settings by name; the containers' images are compared as images."""
    task = dict(manifest["task_definition"])
    containers = {each["name"]: {**each, "image": ""} for each in task.pop("containerDefinitions", [])}
    return {**task, **containers}


def _names(prefix: str, old: Document, new: Document) -> set[str]:
    names = set()
    for key in {*old, *new}:
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        both = isinstance(before, Mapping) and isinstance(after, Mapping)
        names |= _names(f"{prefix}{key}.", before, after) if both else {f"{prefix}{key}"}
    return names


def status(state: Document, last: Document | None) -> dict[str, Any]:
    """What runs, what is being done, which sources have another commit than their head."""
    holder = state.get("holder")
    return {
        "current": state.get("current"),
        "working": {"what": holder["what"], "since": holder.get("since")} if holder else None,
        "holds": [hold(source, each) for source, each in sorted((state.get("holds") or {}).items())],
        "last": entry(last) if last else None,
    }


def hold(source: str, document: Document) -> dict[str, Any]:
    """A source that stays at a commit: whatever its head is (`pinned`), or until its head moves."""
    return {
        "source": source,
        "commit": {key: document["commit"][key] for key in ("id", "subject")},
        "pinned": not document.get("avoid"),
        "why": for_visitors(str(document.get("why", ""))),
        "since": document.get("at"),
        "expires": document.get("expires") or None,
    }
