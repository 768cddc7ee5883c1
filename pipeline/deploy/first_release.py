"""Plan the release root before the first release: on a platform that may be only planned itself."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.aws import secrets
from pipeline.core.paths import TERRAFORM
from pipeline.core.platform import Platform
from pipeline.core.private_files import private_folder
from pipeline.core.values import Commit, Source
from pipeline.deploy.compose import compose
from pipeline.deploy.manifest import Release, to_variables
from pipeline.deploy.session import Session
from pipeline.deploy.stand_ins import hide, stand_ins, unbuilt
from pipeline.terraform.environment_paths import environment_files
from pipeline.terraform.root import TerraformRoot
from pipeline.terraform.runner import ResourceChange


def planned_platform(session: Session) -> Platform:
    """The platform that the first apply would make; TandemError if Terraform cannot plan it."""
    return stand_ins(session.platform_root.planned(), session.aws.region)


def planned_release(
    session: Session, platform: Platform, commits: Mapping[Source, Commit]
) -> list[ResourceChange]:
    """What the first release would make, with stand-ins for what nobody knows yet. Nothing is written.

    Raises:
        TandemError: a secret is missing, a rule of Fargate is broken, or Terraform refuses a variable.
    """
    release = _first_release(session, platform, commits)
    private_folder(session.state)
    with TemporaryDirectory(prefix="first-release-", dir=session.state) as folder:
        variables = to_variables(release, platform.with_planned())
        plan = release_root(session, Path(folder), variables).plan()
    return [_without_stand_ins(change) for change in plan.resources]


def _first_release(session: Session, platform: Platform, commits: Mapping[Source, Commit]) -> Release:
    settings = session.project.settings
    release = compose(
        settings,
        session.environment,
        platform,
        commits,
        unbuilt(platform.repository_urls),
        why="a plan",
        app_secret_versions=secrets.versions(session.aws, settings.task.secrets),
        api_secret_versions=secrets.versions(session.aws, settings.api_secrets),
    )
    return replace(release, number=1)


def release_root(session: Session, folder: Path, variables: Mapping[str, Any]) -> TerraformRoot:
    """The release root with these variables, which are written to `folder` only: no later run meets them."""
    platform_root = session.platform_root
    file = folder / "variables.tfvars.json"
    file.write_text(json.dumps(variables), encoding="utf-8")
    return replace(
        platform_root,
        folder=TERRAFORM / "release",
        data_dir=platform_root.data_dir.with_name("release"),
        backend={**platform_root.backend, "key": "release.tfstate"},
        var_files=[*environment_files(session.project, session.environment, "release"), file],
    )


def _without_stand_ins(change: ResourceChange) -> ResourceChange:
    return replace(change, attributes=tuple(filter(None, map(hide, change.attributes))))
