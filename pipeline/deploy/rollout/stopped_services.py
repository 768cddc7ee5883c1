"""Find the services with autoscaling whose number of tasks a person set to 0.

Autoscaling does not restore its minimum: without tasks there are no metrics, and without metrics there is no
alarm. Terraform ignores the number while autoscaling owns it.
"""

from pipeline.aws.access import Aws
from pipeline.aws.autoscaling import minimum_tasks
from pipeline.aws.ecs import MissingServiceError, read_service
from pipeline.core.platform import TASKS, Platform


def autoscaling_to_restart(aws: Aws, platform: Platform) -> list[str]:
    """The variables of `terraform/release` that switch autoscaling on for these services.

    An apply without their values gives the number of tasks to Terraform, which sets it; the next apply gives
    it back to autoscaling. The service stays.

    Raises:
        TandemError: AWS refuses.
    """
    services = {platform.service_name: "autoscaling"}
    if TASKS in platform.runtimes:
        services[platform.api_service_name] = "api_autoscaling"
    return [variable for name, variable in services.items() if _is_stopped(aws, platform.cluster_name, name)]


def _is_stopped(aws: Aws, cluster: str, service: str) -> bool:
    if not minimum_tasks(aws, cluster, service):
        return False
    try:
        return read_service(aws, cluster, service).desired == 0
    except MissingServiceError:
        return False
