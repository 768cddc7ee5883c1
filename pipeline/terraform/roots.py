"""The one place that runs Terraform: a root, an environment, and plan, apply, destroy, output."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.aws.client import Aws
from pipeline.aws.state_bucket import LOCAL_ACCOUNT, LOCAL_REGION, state_bucket
from pipeline.core.errors import TandemError
from pipeline.core.paths import TERRAFORM
from pipeline.core.settings import LOCAL, Project
from pipeline.terraform import desired_count
from pipeline.terraform import runner as terraform
from pipeline.terraform import variable_files as variables
from pipeline.terraform.runner import IsFlagged, TerraformPlan

_LOCK_WAIT = "30s"


@dataclass(frozen=True)
class Terraform:
    """One root of ours, in one environment."""

    root: Path
    data_dir: Path
    """Where Terraform keeps its providers, modules and backend settings (TF_DATA_DIR)."""
    env: Mapping[str, str] = field(repr=False)
    """The whole environment that Terraform runs in."""
    backend: Mapping[str, str]
    """What `-backend-config` says, `file` being the path of a .tfbackend file."""
    var_files: Sequence[Path]

    def init(self) -> None:
        """Fetch modules and providers, and connect to the state; nothing where that was done before."""
        key, done = self._init_key(), self.data_dir / "initialised"
        if done.is_file() and done.read_text(encoding="utf-8") == key:
            return
        terraform.require()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._runner().run("init", reconfigure=IsFlagged, backend_config=self._backend_config())
        done.write_text(key, encoding="utf-8")

    def plan(self, *, destroy: bool = False) -> TerraformPlan:
        """What `apply` (or `destroy`) would change; nothing is changed, the state's addresses included."""
        self.init()
        flags = {"destroy": IsFlagged} if destroy else {}
        text = self._runner().run("plan", **self._variables(), **flags)
        return desired_count.with_moves(TerraformPlan.parse(text))

    def planned(self) -> dict[str, Any]:
        """The plan as Terraform describes it in JSON: every resource as it will be."""
        self.init()
        file = (self.data_dir / "planned").resolve()
        try:
            self._runner().run("plan", **self._variables(), out=str(file))
            planned: dict[str, Any] = json.loads(self._runner().run("show", str(file), json=IsFlagged))
        finally:
            file.unlink(missing_ok=True)  # a plan holds every value in the clear
        return planned

    def apply(self) -> TerraformPlan:
        """Make it so; gives what was changed."""
        self.init()
        self._move_services()
        text = self._runner(progress=True).run("apply", **self._variables(), auto_approve=IsFlagged)
        return TerraformPlan.parse(text)

    def destroy(self) -> TerraformPlan:
        """Remove all that the root has made."""
        self.init()
        text = self._runner(progress=True).run("destroy", **self._variables(), auto_approve=IsFlagged)
        return TerraformPlan.parse(text)

    def output(self) -> dict[str, Any]:
        """The root's outputs; empty before the first apply."""
        self.init()
        outputs = json.loads(self._runner().run("output", json=IsFlagged))
        return {name: entry["value"] for name, entry in outputs.items()}

    def _move_services(self) -> None:
        """Move each service in the state to the address that belongs to the owner of its number of tasks."""
        if self.root.name != "release":
            return
        runner = self._runner()
        for move in desired_count.moves(self.root, runner.addresses(), self.var_files):
            runner.move(move.before, move.after)

    def _runner(self, *, progress: bool = False) -> terraform.Runner:
        env = {**self.env, **terraform.environ(self.data_dir)}
        return terraform.Runner(self.root, env, progress=progress)

    def _variables(self) -> dict[str, Any]:
        # A run that was killed leaves its Terraform to finish: the next one waits for that.
        return {"var_file": [str(file) for file in self.var_files], "lock_timeout": _LOCK_WAIT}

    def _backend_config(self) -> list[str]:
        return [value if key == "file" else f"{key}={value}" for key, value in self.backend.items()]

    def _init_key(self) -> str:
        """Changes whenever `init` has something to do: another backend, module call or provider."""
        digest = sha256(json.dumps([self._backend_config(), terraform.binary()]).encode())
        for file in sorted([*self.root.glob("*.tf"), *(TERRAFORM / "modules").glob("*/*.tf")]):
            digest.update(file.read_bytes())
        return digest.hexdigest()


def platform(
    project: Project,
    environment: str,
    aws: Aws,
    *,
    registry_host: str | None = None,
    api_shares: Mapping[str, int] | None = None,
) -> Terraform:
    """The platform root; `registry_host` takes ECR's place (the local stack's registry).

    `api_shares` keeps the API's traffic as it says, whatever the environment's values ask for.
    """
    given = platform_variables(project.settings, environment, registry_host=registry_host)
    if api_shares is not None:
        given["api_shares"] = dict(api_shares)
    return _root(project, environment, aws, "platform", {"settings": given})


def release(
    project: Project,
    environment: str,
    aws: Aws,
    platform: Mapping[str, Any] | None = None,
    release: Mapping[str, Any] | None = None,
) -> Terraform:
    """The release root with its two variables; what is not given stays as at the last call."""
    both = {"platform": platform, "release": release}
    given = {key: {key: value} if value is not None else None for key, value in both.items()}
    return _root(project, environment, aws, "release", given)


def platform_variables(
    settings: Any,  # noqa: ANN401
    environment: str,
    *,
    registry_host: str | None = None,
) -> dict[str, Any]:
    """The platform root's variables that tandem.toml decides."""
    place = settings.environments.get(environment)
    return {
        "name": settings.name,
        "environment": environment,
        "region": place.region if place else LOCAL_REGION,
        "account_id": place.account_id if place else LOCAL_ACCOUNT,
        "registry_host": registry_host,
        "app_port": settings.task.port,
        "app_health_path": settings.task.health_path,
        "app_secret_arns": sorted(set(settings.task.secrets.values())),
        "api_path": settings.api.path,
        "api_secret_arns": sorted(set(settings.api.secrets.values())),
        "api_timeout": settings.api.timeout,
        "api_concurrency": settings.api.reserved_concurrency,
    }


def _root(
    project: Project, environment: str, aws: Aws, root: str, values: Mapping[str, Mapping[str, Any] | None]
) -> Terraform:
    state = project.state / environment
    files = environment_files(project, environment, root)
    files += [variables.file(state, root, name, value) for name, value in values.items()]
    if environment == LOCAL:
        aws.require_local()
    where = state_bucket(aws, project, environment)
    backend = {
        "file": str(_in_envs(project, f"{environment}.tfbackend")[-1].resolve()),
        "bucket": where.bucket,
        "region": where.region,
        "key": f"{root}.tfstate",
    }
    return Terraform(TERRAFORM / root, state / "terraform" / root, aws.environ(os.environ), backend, files)


def environment_files(project: Project, environment: str, root: str) -> list[Path]:
    """The environment's values: ours, then those of a project folder that lies elsewhere."""
    name = f"{environment}.tfvars" if root == "platform" else f"{environment}.{root}.tfvars"
    files = _in_envs(project, name)
    if not files or not _in_envs(project, f"{environment}.tfbackend"):
        example = name.replace(environment, "dev", 1)
        raise TandemError(
            f"no terraform/envs/{name} (or .tfbackend) for environment {environment!r}",
            hint=f"cp terraform/envs/{example} terraform/envs/{name} (the .tfbackend too), then adjust it",
        )
    return files


def _in_envs(project: Project, name: str) -> list[Path]:
    """Where there is a file of that name, ours first: what comes later wins."""
    folders = dict.fromkeys([(TERRAFORM / "envs").resolve(), (project.root / "terraform" / "envs").resolve()])
    return [folder / name for folder in folders if (folder / name).is_file()]
