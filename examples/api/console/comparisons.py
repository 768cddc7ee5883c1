"""What comparisons of bloated and split builds found: medians of each scenario and variant; pure.

The medians have no intervals and no tests of significance here: `tandem report` computes those.
"""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from console.builds import is_built, seconds

Record = Mapping[str, Any]
UP = "up"
"""The kind of comparisons that `tandem up` and plain `tandem compare` measure as builds."""
_BLOATED, _SPLIT, _OWN = "monolith", "split-layers", "own"


def rows(builds: Sequence[Record], plans: Sequence[Record]) -> list[dict[str, Any]]:
    """The comparisons without their results, newest first; both kinds of records come newest first.

    `builds` hold those that `tandem up` and plain `tandem compare` measured, one of each kind.
    """
    runs: dict[str, list[Record]] = {}
    for record in builds:
        if record.get("scenario") and is_built(record):
            runs.setdefault(record["run"], []).append(record)
    of_up = [_head(records[-1], UP, records[-1].get("commits")) for records in runs.values()]
    others = [_head(each, each["plan"].get("preset") or "builds", None) for each in plans]
    return sorted([*of_up, *others], key=key, reverse=True)


def key(comparison: Record) -> str:
    """What comparisons are ordered by."""
    return f"{comparison['at']}#{comparison['run']}"


def _head(record: Record, kind: str, commits: Mapping[str, str] | None) -> dict[str, Any]:
    return {
        "run": record["run"],
        "at": record["started_at"],
        "kind": kind,
        "machine": record["machine"],
        "commits": commits,
    }


def is_plan(record: Record) -> bool:
    """Whether the record of a comparison has what is shown of it."""
    return isinstance(record.get("plan"), Mapping) and isinstance(record.get("machine"), str)


def is_measurement(record: Record) -> bool:
    """Whether the record has what is shown of it."""
    cell, times = record.get("cell"), record.get("seconds")
    if not isinstance(cell, Mapping) or not isinstance(times, int | float):
        return False
    return all(isinstance(cell.get(key), str) for key in ("size", "variant", "scenario"))


def of_up(builds: Sequence[Record], run: str) -> list[dict[str, Any]]:
    """One comparison's builds, newest first, as measurements.

    A build that gave the same image as the one before it measured nothing and does not count.
    """
    digests: dict[str, str] = {}
    parts: dict[tuple[str, str], list[Record]] = {}
    for record in reversed(builds):
        if record["run"] != run or not record.get("scenario") or not is_built(record):
            continue
        if digests.get(record["image"]) != record["digest"]:
            variant = _BLOATED if record["image"] == _BLOATED else _SPLIT
            parts.setdefault((variant, record["scenario"]), []).append(record)
        digests[record["image"]] = record["digest"]
    return [_sum(variant, scenario, each) for (variant, scenario), each in parts.items()]


def _sum(variant: str, scenario: str, parts: Sequence[Record]) -> dict[str, Any]:
    return {
        "cell": {"size": _OWN, "variant": variant, "scenario": scenario},
        "seconds": round(sum(map(seconds, parts)), 3),
        "bytes_changed": _total(part.get("bytes_changed") for part in parts),
        "bytes_sent": _total(part.get("bytes_sent") for part in parts),
    }


def _total(counts: Iterable[int | None]) -> int | None:
    """The sum; None if a count is unknown."""
    numbers = list(counts)
    return None if None in numbers else sum(filter(None, numbers))


def tables(measurements: Iterable[Record]) -> list[dict[str, Any]]:
    """The sizes of a comparison with their scenarios, and each scenario's variants; as they were measured."""
    cells: dict[str, dict[str, dict[str, list[Record]]]] = {}
    for each in measurements:
        if not each.get("is_warm_up"):
            cell = each["cell"]
            scenarios = cells.setdefault(cell["size"], {})
            scenarios.setdefault(cell["scenario"], {}).setdefault(cell["variant"], []).append(each)
    return [
        {"size": size, "scenarios": [_scenario(name, variants) for name, variants in scenarios.items()]}
        for size, scenarios in cells.items()
    ]


def _scenario(name: str, variants: Mapping[str, Sequence[Record]]) -> dict[str, Any]:
    results = {variant: _result(runs) for variant, runs in variants.items()}
    bloated = results.get(_BLOATED, {}).get("median")
    for variant, result in results.items():
        if variant != _BLOATED and bloated and result["median"]:
            result["ratio"] = round(bloated / result["median"], 2)
    return {"scenario": name, "variants": results}


def _result(runs: Sequence[Record]) -> dict[str, Any]:
    valid_runs = [run for run in runs if not run.get("error")]
    times = [float(run["seconds"]) for run in valid_runs]
    return {
        "n": len(times),
        "failures": len(runs) - len(valid_runs),
        "median": round(median(times), 3) if times else None,
        "least": round(min(times), 3) if times else None,
        "most": round(max(times), 3) if times else None,
        "bytes_changed": _middle(run.get("bytes_changed") for run in valid_runs),
        "bytes_sent": _middle(run.get("bytes_sent") for run in valid_runs),
    }


def _middle(counts: Iterable[int | None]) -> float | None:
    """The median; None if a count is unknown."""
    numbers = list(counts)
    return median(numbers) if numbers and None not in numbers else None
