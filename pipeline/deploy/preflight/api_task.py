"""The API as tasks: the checked part of the task definition that Terraform creates for it."""

from typing import Any

from pipeline.core.platform import Platform
from pipeline.deploy.manifest import Release


def api_task_definition(platform: Platform, release: Release) -> dict[str, Any]:
    """The part of the task definition in `terraform/release/api_task.tf` that the checks compare."""
    options = {"awslogs-group": platform.api_log_group}
    container = {
        "name": "api",
        "image": str(release.require_api().image),
        "portMappings": [{"containerPort": platform.api_port}],
        "mountPoints": [{"sourceVolume": "tmp", "containerPath": "/tmp"}],  # noqa: S108 - a volume's path
        "logConfiguration": {"options": options},
    }
    return {
        "runtimePlatform": release.task_definition["runtimePlatform"],
        "containerDefinitions": [container],
    }
