"""Compose a release from settings, platform, commits and images; pure, except for clock and user name."""

from collections.abc import Iterable, Mapping

from pipeline.aws.request_schema import validate_request
from pipeline.core.audit import author, now
from pipeline.core.errors import TandemError
from pipeline.core.platform import Platform
from pipeline.core.settings import Settings
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.deploy import ephemeral_storage
from pipeline.deploy.api_spec import ApiSpec
from pipeline.deploy.manifest import Release
from render.fargate import Finding, check
from render.finding import errors
from render.model import IMAGES, Logs, RenderInput, render


def compose(  # noqa: PLR0913 - everything a release is made of
    settings: Settings,
    environment: str,
    platform: Platform,
    commits: Mapping[Source, Commit],
    images: Mapping[str, ImageRef],
    *,
    why: str,
    app_secret_versions: Mapping[str, str] | None = None,
    api_secret_versions: Mapping[str, str] | None = None,
    storage_bytes: int = 0,
) -> Release:
    """The release, still without a number.

    `images` are by repository name, secret versions by variable name; `storage_bytes` are the bytes that a
    task stores on its disk.

    Raises:
        TandemError: an image is missing, or the task definition breaks rules; the message names all of them.
    """
    task_definition = render(
        _render_input(
            settings, platform, images, app_secret_versions or {}, ephemeral_storage.gib(storage_bytes)
        )
    )
    require_valid([*validate_request(task_definition), *check(task_definition)])
    return Release(
        environment=environment,
        layout=settings.task.layout,
        commits=dict(commits),
        images={name: image for name, image in images.items() if name != "api" or settings.api.enabled},
        task_definition=task_definition,
        api=_api(settings, images.get("api"), api_secret_versions or {}),
        count=settings.task.count,
        grace_seconds=settings.task.grace_seconds,
        storage_bytes=storage_bytes,
        created=now(),
        author=author(),
        why=why,
    )


def _render_input(
    settings: Settings,
    platform: Platform,
    images: Mapping[str, ImageRef],
    secret_versions: Mapping[str, str],
    ephemeral_storage_gib: int | None,
) -> RenderInput:
    task = settings.task
    missing = set(IMAGES[task.layout.value].values()) - set(images)
    if missing:
        raise TandemError(
            f"layout {task.layout} needs the image {', '.join(sorted(missing))}", hint="tandem up"
        )
    return RenderInput(
        family=platform.name,
        layout=task.layout.value,
        images={name: str(image) for name, image in images.items()},
        cpu=task.cpu,
        memory=task.memory,
        architecture=task.architecture,
        port=task.port,
        health_path=task.health_path,
        content_path=task.content_path,
        execution_role_arn=platform.execution_role_arn,
        task_role_arn=platform.task_role_arn,
        logs=Logs(group=platform.app_log_group, region=platform.region),
        environment=task.environment,
        environment_files=task.environment_files,
        secrets=task.secrets,
        secret_versions=secret_versions,
        ephemeral_storage_gib=ephemeral_storage_gib,
        read_only=task.read_only,
        tmpfs=task.tmpfs,
    )


def _api(settings: Settings, image: ImageRef | None, secret_versions: Mapping[str, str]) -> ApiSpec | None:
    """The API; None if there is none, or if it was switched on and its image is not built yet."""
    api = settings.api
    if image is None or not api.enabled:
        return None
    return ApiSpec(
        image=image,
        handler=api.handler,
        memory=api.memory,
        timeout=api.timeout,
        reserved_concurrency=api.reserved_concurrency,
        path=api.path,
        environment=api.environment,
        environment_files=list(api.environment_files),
        secrets=api.secrets,
        secret_versions=dict(secret_versions),
    )


def require_valid(findings: Iterable[Finding]) -> None:
    """TandemError with all findings that are no warnings, if there is one."""
    problems = sorted(set(errors(findings)))
    if problems:
        lines = "\n".join(f"  {finding}" for finding in problems)
        count = f"{len(problems)} rule{'s' if len(problems) > 1 else ''}"
        raise TandemError(
            f"the task definition breaks {count} of Fargate:\n{lines}",
            hint="correct [task] in tandem.toml and run the command again",
        )
