"""The two Terraform roots of an environment, with their variables and their state."""

import os
from collections.abc import Mapping
from typing import Any

from pipeline.aws.access import Aws
from pipeline.aws.state_bucket import LOCAL_ACCOUNT, LOCAL_REGION, object_version, state_bucket
from pipeline.core.paths import TERRAFORM
from pipeline.core.settings import LOCAL, Project, Settings
from pipeline.terraform.environment_paths import environment_files, in_envs
from pipeline.terraform.root import TerraformRoot
from pipeline.terraform.variable_files import write_variables


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
        "follows": (target.follows or None) if target else None,
        "app_port": settings.task.port,
        "app_health_path": settings.task.health_path,
        "app_secret_arns": sorted(set(settings.task.secrets.values())),
        "app_environment_files": sorted(set(settings.task.environment_files)),
        "api_environment_files": sorted(set(settings.api.environment_files)),
        "api_enabled": settings.api.enabled,
        "api_path": settings.api.path,
        "api_secret_arns": sorted(set(settings.api_secrets.values())),
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
