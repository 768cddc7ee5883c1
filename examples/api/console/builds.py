"""What a visitor sees of builds: each build, and how an image's build time went; pure."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from console.views import for_visitors

Record = Mapping[str, Any]
_RECENT = 10
_SHOWN = ("image", "scenario", "run", "commits", "digest", "cache", "bytes_sent", "image_bytes", "layers")
_STEP = ("name", "seconds")


def build(record: Record) -> dict[str, Any]:
    """One build in a list."""
    return {
        "at": record["started_at"],
        **{key: record.get(key) for key in _SHOWN},
        "outcome": for_visitors(str(record.get("outcome", "built"))),
        "seconds": seconds(record),
        "steps": [{key: step[key] for key in _STEP} for step in record["steps"]],
        "not_cached": record.get("not_cached", ""),
        "machine": record["machine"],
    }


def is_whole(record: Record) -> bool:
    """Whether the record has what is shown of it: a damaged one must not hide the others."""
    try:
        build(record)
    except (KeyError, TypeError, ValueError):
        return False
    return isinstance(record.get("image"), str) and isinstance(record.get("scenario", ""), str)


def seconds(record: Record) -> float:
    """How long a build took."""
    return round(sum(float(step["seconds"]) for step in record["steps"]), 3)


def is_built(record: Record) -> bool:
    """Whether the build made an image."""
    return record.get("outcome", "built") == "built"


def trends(records: Sequence[Record], image: str, last: int) -> list[dict[str, Any]]:
    """Each image's last builds by releases, oldest first, on the machine of the newest; `image` chooses one.

    `records` come newest first. Failed builds and those of comparisons do not count.
    """
    own = [each for each in records if is_built(each) and not each.get("scenario")]
    names = dict.fromkeys(each["image"] for each in own)
    return [_trend(name, own, last) for name in sorted(names) if image in {"", name}]


def _trend(image: str, records: Iterable[Record], last: int) -> dict[str, Any]:
    own = [each for each in records if each["image"] == image]
    machine = own[0]["machine"]
    builds = [each for each in own if each["machine"] == machine][:last][::-1]
    times = [seconds(each) for each in builds]
    return {
        "image": image,
        "machine": machine,
        "median": _median(times[-_RECENT:]),
        "earlier": _median(times[:-_RECENT]),
        "builds": [_point(each) for each in builds],
    }


def _point(record: Record) -> dict[str, Any]:
    return {
        "at": record["started_at"],
        "seconds": seconds(record),
        "bytes_sent": record.get("bytes_sent"),
        "commits": record["commits"],
    }


def _median(times: Sequence[float]) -> float | None:
    return round(median(times), 3) if times else None
