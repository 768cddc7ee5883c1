"""A Terraform root in one environment: plan, apply, destroy, output. All runs of Terraform begin here."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.core.paths import TERRAFORM
from pipeline.core.private_files import private_folder
from pipeline.terraform import desired_count, program, provider_lock
from pipeline.terraform.plan_file import plan_file
from pipeline.terraform.runner import IsFlagged, Runner, TerraformPlan
from pipeline.terraform.state_cache import StateCache
from pipeline.terraform.variable_files import write_variables

_LOCK_WAIT = "30s"


@dataclass(frozen=True)
class TerraformRoot:
    """One root of this repository (`terraform/platform` or `terraform/release`) in one environment."""

    folder: Path
    data_dir: Path
    """TF_DATA_DIR: providers, modules and backend settings."""
    env: Mapping[str, str] = field(repr=False)
    """All environment variables of the terraform process."""
    backend: Mapping[str, str]
    """The values of `-backend-config`; `file` is the path of a .tfbackend file."""
    var_files: Sequence[Path]
    version: Callable[[], str] = lambda: ""
    """Names the state's present object in the bucket; an empty text if that is unknown."""

    def init(self) -> None:
        """Fetch modules and providers, and connect to the state, unless that was done before.

        Raises:
            TandemError: Terraform is missing or too old, or `terraform init` fails.
        """
        if self.is_initialised():
            return
        program.require()
        private_folder(self.data_dir)
        # A lock file for several platforms was made on purpose: other providers than those are refused.
        options = {"lockfile": "readonly"} if provider_lock.pinned(self.folder) else {}
        self._runner().run("init", reconfigure=IsFlagged, backend_config=self._backend_config(), **options)
        self._init_marker.write_text(self._init_key(), encoding="utf-8")

    def is_initialised(self) -> bool:
        """Whether `init` has nothing to do."""
        marker = self._init_marker
        return marker.is_file() and marker.read_text(encoding="utf-8") == self._init_key()

    def plan(self, *, destroy: bool = False) -> TerraformPlan:
        """The changes that `apply` (or `destroy`) would make. Neither AWS nor the state changes.

        Raises:
            TandemError: Terraform fails.
        """
        self.init()
        flags = {"destroy": IsFlagged} if destroy else {}
        text = self._runner().run("plan", **self._variables(), **flags)
        return desired_count.with_moves(TerraformPlan.parse(text))

    def planned(self) -> dict[str, Any]:
        """The plan in Terraform's JSON format, with every planned value. TandemError if Terraform fails."""
        self.init()
        with plan_file(self.data_dir) as file:
            self._runner().run("plan", **self._variables(), out=file)
            document: dict[str, Any] = json.loads(self._runner().run("show", file, json=IsFlagged))
        return document

    def with_variables(self, **values: Any) -> "TerraformRoot":  # noqa: ANN401 - any JSON value
        """The root with more variables, which win over all others."""
        file = write_variables(self.data_dir.parents[1], self.folder.name, "more", values)
        return replace(self, var_files=[*self.var_files, file])

    def apply(self, replace: Sequence[str] = (), target: str = "") -> TerraformPlan:
        """Apply the root, or only `target`; returns the changes.

        The resources at the addresses in `replace` are made again.

        Raises:
            LockedError: another run holds the lock of the state; nothing was changed.
            TandemError: Terraform fails; some changes may have been made.
        """
        self.init()
        addresses = self._move_services()
        options = {"replace": list(replace), "target": target}
        flags = {name: value for name, value in options.items() if value}
        text = self._runner(progress=True).run("apply", **self._variables(), **flags, auto_approve=IsFlagged)
        plan = TerraformPlan.parse(text)
        if addresses and plan.keeps_addresses:
            self._cache.keep("addresses", addresses)  # or the next apply would read the whole state for them
        return plan

    def apply_if(self, accept: Callable[[TerraformPlan], None]) -> TerraformPlan:
        """Plan, let `accept` look at the plan, and apply exactly that plan; returns the changes.

        Raises:
            TandemError: `accept` raised it, and nothing was changed; or as `apply`.
        """
        self.init()
        self._move_services()
        with plan_file(self.data_dir) as file:
            plan = TerraformPlan.parse(self._runner().run("plan", **self._variables(), out=file))
            accept(plan)
            self._runner(progress=True).run("apply", file, lock_timeout=_LOCK_WAIT)
        return plan

    def destroy(self) -> TerraformPlan:
        """Destroy all resources of the root; returns the changes. TandemError if Terraform fails."""
        self.init()
        text = self._runner(progress=True).run("destroy", **self._variables(), auto_approve=IsFlagged)
        return TerraformPlan.parse(text)

    def output(self) -> dict[str, Any]:
        """The root's outputs by name; empty before the first apply. TandemError if Terraform fails."""
        outputs = self._cache.read("outputs", self._outputs, may_keep=_has_no_secret)
        return {name: entry["value"] for name, entry in outputs.items()}

    def addresses(self) -> list[str]:
        """The addresses of all resources in the state. TandemError if Terraform fails."""
        return list(self._cache.read("addresses", self._addresses, may_keep=lambda _: True))

    def _outputs(self) -> dict[str, Any]:
        self.init()
        return dict(json.loads(self._runner().run("output", json=IsFlagged)))

    def _addresses(self) -> list[str]:
        self.init()
        return self._runner().addresses()

    def _move_services(self) -> list[str]:
        """Move each service in the state to the address that belongs to the owner of its number of tasks.

        Returns the addresses in the state then; none of another root than that of releases.
        """
        if self.folder.name != "release":
            return []
        addresses = self.addresses()
        moves = desired_count.moves(self.folder, addresses, self.var_files)
        for move in moves:
            self._runner().move(move.before, move.after)
        after = {move.before: move.after for move in moves}
        return [after.get(address, address) for address in addresses]

    @property
    def _cache(self) -> StateCache:
        return StateCache(self.data_dir, self.version)

    def _runner(self, *, progress: bool = False) -> Runner:
        env = {**self.env, **program.environ(self.data_dir)}
        return Runner(self.folder, env, progress=progress)

    def _variables(self) -> dict[str, Any]:
        # The Terraform of a killed command runs on and holds the lock: wait for it.
        return {"var_file": [str(file) for file in self.var_files], "lock_timeout": _LOCK_WAIT}

    def _backend_config(self) -> list[str]:
        return [value if key == "file" else f"{key}={value}" for key, value in self.backend.items()]

    @property
    def _init_marker(self) -> Path:
        return self.data_dir / "initialised"

    def _init_key(self) -> str:
        """A digest that changes if `init` must run again: another backend, module call or provider."""
        digest = sha256(json.dumps([self._backend_config(), program.binary()]).encode())
        for file in sorted([*self.folder.glob("*.tf"), *(TERRAFORM / "modules").glob("*/*.tf")]):
            digest.update(file.read_bytes())
        digest.update(provider_lock.pinned(self.folder).encode())
        return digest.hexdigest()


def _has_no_secret(outputs: Mapping[str, Any]) -> bool:
    return not any(entry.get("sensitive") for entry in outputs.values())
