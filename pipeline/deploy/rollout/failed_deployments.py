"""Find the services whose primary deployment failed: only a new revision makes ECS deploy them again."""

from collections.abc import Iterator

from pipeline.aws.access import Aws
from pipeline.aws.ecs import MissingServiceError, read_service
from pipeline.core.platform import TASKS, Platform

SITE = "module.service.aws_ecs_task_definition.this"
API = "module.api_task[0].aws_ecs_task_definition.this"


def revisions_to_replace(aws: Aws, platform: Platform) -> list[str]:
    """The addresses in `terraform/release` of the task definitions that Terraform must register again.

    ECS does not resume a deployment that it declared failed, even if its tasks are healthy by now. If the
    wanted revision is the one that failed, Terraform finds no difference and changes nothing.

    Raises:
        TandemError: ECS refuses.
    """
    services = {platform.service_name: SITE}
    if TASKS in platform.runtimes:
        services[platform.api_service_name] = API
    return list(_failed(aws, platform.cluster_name, services))


def _failed(aws: Aws, cluster: str, services: dict[str, str]) -> Iterator[str]:
    for service, address in services.items():
        try:
            snapshot = read_service(aws, cluster, service)
        except MissingServiceError:
            continue
        if any(item.status == "PRIMARY" and item.state == "FAILED" for item in snapshot.deployments):
            yield address
