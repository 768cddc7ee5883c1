"""A valid task definition, and how to break it."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

GOOD: dict[str, Any] = json.loads(
    (Path(__file__).parent / "cases/sidecar-with-secrets/expected.json").read_text()
)
APP, STATIC = "$.containerDefinitions[0]", "$.containerDefinitions[1]"

Break = Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], object]


def broken(change: Break) -> dict[str, Any]:
    task = copy.deepcopy(GOOD)
    change(task, *task["containerDefinitions"])
    return task
