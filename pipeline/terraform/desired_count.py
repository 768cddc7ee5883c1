"""Hand a service's number of tasks from Terraform to autoscaling and back, without replacing the service.

Terraform ignores an attribute always or never, so the module `service` has two resources for one service:
`fixed`, whose number of tasks Terraform owns, and `scaled`, whose number autoscaling owns. Switching is a
move in the state, which `apply` makes before it plans. `plan` moves nothing: it shows the move.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.terraform.runner import TerraformPlan
from pipeline.terraform.variable_values import variable_values

_SERVICES = {
    variable: (f"{module}.aws_ecs_service.fixed[0]", f"{module}.aws_ecs_service.scaled[0]")
    for variable, module in {"autoscaling": "module.service", "api_autoscaling": "module.api_task[0]"}.items()
}
"""Both addresses of each service, by the variable of the release root that switches its autoscaling on."""


@dataclass(frozen=True)
class Move:
    """The address that a resource has in the state, and the one that it needs."""

    before: str
    after: str


def moves(root: Path, addresses: Iterable[str], var_files: Sequence[Path]) -> list[Move]:
    """The moves that the state needs before an apply with `var_files`; `addresses` is what the state holds.

    Raises:
        TandemError: Terraform refuses the value of a variable.

    """
    present = set(addresses)
    if not present.intersection(address for pair in _SERVICES.values() for address in pair):
        return []
    values = variable_values(root, _SERVICES, var_files)
    pairs = [
        (fixed, scaled) if values[variable] is not None else (scaled, fixed)
        for variable, (fixed, scaled) in _SERVICES.items()
    ]
    return [Move(before, after) for before, after in pairs if before in present]


def with_moves(plan: TerraformPlan) -> TerraformPlan:
    """The plan as `apply` will carry it out: a service that changes its address is moved, not replaced."""
    how = {change.address: change.how for change in plan.resources}
    pairs = [pair for fixed, scaled in _SERVICES.values() for pair in ((fixed, scaled), (scaled, fixed))]
    moved = {
        after: before
        for before, after in pairs
        if how.get(before) == "destroyed" and how.get(after) == "created"
    }
    resources = [
        replace(change, how="moved") if change.address in moved else change
        for change in plan.resources
        if change.address not in moved.values()
    ]
    return replace(plan, resources=tuple(resources))
