"""A Terraform root in one environment: plan, apply, destroy, output. All runs of Terraform begin here."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.aws.client import Aws
from pipeline.aws.state_bucket import LOCAL_ACCOUNT, LOCAL_REGION, object_version, state_bucket
from pipeline.core.paths import TERRAFORM
from pipeline.core.settings import LOCAL, Project, Settings
from pipeline.terraform import desired_count, program, provider_lock
from pipeline.terraform.environment_files import environment_files, in_envs
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
        key, marker = self._init_key(), self.data_dir / "initialised"
        if marker.is_file() and marker.read_text(encoding="utf-8") == key:
            return
        program.require()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        # A lock file for several platforms was made on purpose: other providers than those are refused.
        pinned = {"lockfile": "readonly"} if provider_lock.pinned(self.folder) else {}
        self._runner().run("init", reconfigure=IsFlagged, backend_config=self._backend_config(), **pinned)
        marker.write_text(key, encoding="utf-8")

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
        with self._plan_file() as file:
            self._runner().run("plan", **self._variables(), out=file)
            planned: dict[str, Any] = json.loads(self._runner().run("show", file, json=IsFlagged))
        return planned

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
        self._move_services()
        options = {"replace": list(replace), "target": target}
        given = {name: value for name, value in options.items() if value}
        text = self._runner(progress=True).run("apply", **self._variables(), **given, auto_approve=IsFlagged)
        return TerraformPlan.parse(text)

    def apply_if(self, accept: Callable[[TerraformPlan], None]) -> TerraformPlan:
        """Plan, let `accept` look at the plan, and apply exactly that plan; returns the changes.

        Raises:
            TandemError: `accept` raised it, and nothing was changed; or as `apply`.
        """
        self.init()
        self._move_services()
        with self._plan_file() as file:
            planned = TerraformPlan.parse(self._runner().run("plan", **self._variables(), out=file))
            accept(planned)
            self._runner(progress=True).run("apply", file, lock_timeout=_LOCK_WAIT)
        return planned

    @contextmanager
    def _plan_file(self) -> Iterator[str]:
        """A path for a plan: it has secret values in plain text, and other runs may plan at the same time."""
        with TemporaryDirectory(prefix="planned-", dir=self.data_dir.resolve()) as folder:
            yield f"{folder}/plan"

    def destroy(self) -> TerraformPlan:
        """Destroy all resources of the root; returns the changes. TandemError if Terraform fails."""
        self.init()
        text = self._runner(progress=True).run("destroy", **self._variables(), auto_approve=IsFlagged)
        return TerraformPlan.parse(text)

    def output(self) -> dict[str, Any]:
        """The root's outputs by name; empty before the first apply. TandemError if Terraform fails."""
        cache = StateCache(self.data_dir, self.version)
        outputs = cache.read("outputs", self._outputs, may_keep=_has_no_secret)
        return {name: entry["value"] for name, entry in outputs.items()}

    def addresses(self) -> list[str]:
        """The addresses of all resources in the state. TandemError if Terraform fails."""
        cache = StateCache(self.data_dir, self.version)
        return list(cache.read("addresses", self._addresses, may_keep=lambda _: True))

    def _outputs(self) -> dict[str, Any]:
        self.init()
        return dict(json.loads(self._runner().run("output", json=IsFlagged)))

    def _addresses(self) -> list[str]:
        self.init()
        return self._runner().addresses()

    def _move_services(self) -> None:
        """Move each service in the state to the address that belongs to the owner of its number of tasks."""
        if self.folder.name != "release":
            return
        for move in desired_count.moves(self.folder, self.addresses(), self.var_files):
            self._runner().move(move.before, move.after)

    def _runner(self, *, progress: bool = False) -> Runner:
        env = {**self.env, **program.environ(self.data_dir)}
        return Runner(self.folder, env, progress=progress)

    def _variables(self) -> dict[str, Any]:
        # The Terraform of a killed command runs on and holds the lock: wait for it.
        return {"var_file": [str(file) for file in self.var_files], "lock_timeout": _LOCK_WAIT}

    def _backend_config(self) -> list[str]:
        return [value if key == "file" else f"{key}={value}" for key, value in self.backend.items()]

    def _init_key(self) -> str:
        """A digest that changes if `init` must run again: another backend, module call or provider."""
        digest = sha256(json.dumps([self._backend_config(), program.binary()]).encode())
        for file in sorted([*self.folder.glob("*.tf"), *(TERRAFORM / "modules").glob("*/*.tf")]):
            digest.update(file.read_bytes())
        digest.update(provider_lock.pinned(self.folder).encode())
        return digest.hexdigest()


def platform(
    project: Project,
    environment: str,
    aws: Aws,
    *,
    registry_host: str | None = None,
    api_shares: Mapping[str, int] | None = None,
) -> TerraformRoot:
    """The platform root of `environment`.

    `registry_host` is the local stack's registry, instead of ECR. `api_shares` sets the shares of the API's
    traffic by runtime, instead of the environment's tfvars.

    Raises:
        TandemError: the environment has no tfvars, or the credentials belong to another account.
    """
    settings = platform_variables(project.settings, environment, registry_host=registry_host)
    if api_shares is not None:
        settings["api_shares"] = dict(api_shares)
    return _root(project, environment, aws, "platform", {"settings": settings})


def release(
    project: Project,
    environment: str,
    aws: Aws,
    platform: Mapping[str, Any] | None = None,
    release: Mapping[str, Any] | None = None,
) -> TerraformRoot:
    """The release root of `environment`; a variable that is None keeps the value of the last call.

    Raises: TandemError: there was no last call, the environment has no tfvars, or the credentials belong to
        another account.
    """
    variables = {"platform": platform, "release": release}
    values = {name: {name: value} if value is not None else None for name, value in variables.items()}
    return _root(project, environment, aws, "release", values)


def platform_variables(
    settings: Settings,
    environment: str,
    *,
    registry_host: str | None = None,
) -> dict[str, Any]:
    """The variables of the platform root that come from tandem.toml."""
    target = settings.environments.get(environment)
    return {
        "name": settings.name,
        "environment": environment,
        "region": target.region if target else LOCAL_REGION,
        "account_id": target.account_id if target else LOCAL_ACCOUNT,
        "registry_host": registry_host,
        "app_port": settings.task.port,
        "app_health_path": settings.task.health_path,
        "app_secret_arns": sorted(set(settings.task.secrets.values())),
        "app_environment_files": sorted(set(settings.task.environment_files)),
        "api_environment_files": sorted(set(settings.api.environment_files)),
        "api_path": settings.api.path,
        "api_secret_arns": sorted(set(settings.api.secrets.values())),
        "api_timeout": settings.api.timeout,
        "api_concurrency": settings.api.reserved_concurrency,
    }


def _root(
    project: Project, environment: str, aws: Aws, root: str, values: Mapping[str, Mapping[str, Any] | None]
) -> TerraformRoot:
    state = project.state / environment
    files = environment_files(project, environment, root)
    files += [write_variables(state, root, name, value) for name, value in values.items()]
    if environment == LOCAL:
        aws.require_local()
    bucket = state_bucket(aws, project, environment)
    backend = {
        "file": str(in_envs(project, f"{environment}.tfbackend")[-1].resolve()),
        "bucket": bucket.bucket,
        "region": bucket.region,
        "key": f"{root}.tfstate",
    }
    return TerraformRoot(
        TERRAFORM / root,
        state / "terraform" / root,
        aws.environ(os.environ),
        backend,
        files,
        lambda: object_version(aws, backend["bucket"], backend["key"]),
    )


def _has_no_secret(outputs: Mapping[str, Any]) -> bool:
    return not any(entry.get("sensitive") for entry in outputs.values())
