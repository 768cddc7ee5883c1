"""Hand a service's number of tasks from Terraform to autoscaling and back, without replacing the service.

Terraform can ignore an attribute always or never, so the module `service` has two resources for one service:
`fixed`, whose number Terraform owns, and `scaled`, whose number autoscaling owns. Switching is a move in the
state.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

_MODULES = {"autoscaling": "module.service", "api_autoscaling": "module.api_task[0]"}
Move = tuple[str, str]


def moves(present: Iterable[str], var_files: Sequence[Path]) -> list[Move]:
    """From which address to which the services have to move; `present` are the state's addresses."""
    addresses, found = set(present), []
    for variable, module in _MODULES.items():
        pair = [f"{module}.aws_ecs_service.{name}[0]" for name in ("fixed", "scaled")]
        before, after = pair if _is_set(variable, var_files) else reversed(pair)
        if before in addresses:
            found.append((before, after))
    return found


def _is_set(variable: str, var_files: Sequence[Path]) -> bool:
    return (value(variable, var_files) or "null") != "null"


def value(variable: str, var_files: Sequence[Path]) -> str:
    """The beginning of the variable's value in the last file that names it; empty where none does."""
    named = [_value(variable, file) for file in var_files]
    return next((text for text in reversed(named) if text), "")


def _value(variable: str, file: Path) -> str:
    """The beginning of the variable's value as written; empty where the file does not name it."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".json":
        held = json.loads(text)
        return json.dumps(held[variable]) if variable in held else ""
    found = re.findall(rf"^\s*{variable}\s*=\s*(\S+)", text, re.MULTILINE)
    return found[-1] if found else ""
