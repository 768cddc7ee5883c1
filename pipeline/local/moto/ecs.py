"""ECS services: keep all settings of a client, and leave the running counts to the scheduler."""

from collections.abc import Mapping
from typing import Any

from botocore import xform_name
from moto.core.responses import ActionResult
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import Service
from moto.ecs.responses import EC2ContainerServiceResponse as Response

from pipeline.local.moto import fargate

# Settings of CreateService/UpdateService that moto accepts and forgets; a plan would show each as drift.
_KEPT = (
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "networkConfiguration",
    "placementConstraints",
    "placementStrategy",
)


def _keep(service: Service, params: dict[str, Any]) -> None:
    for name in _KEPT:
        if params.get(name) is None:
            continue
        value, before = params[name], getattr(service, xform_name(name), None)
        # An update holds only the changed members of a structure.
        merged = {**before, **value} if isinstance(before, dict) else value
        setattr(service, xform_name(name), merged)


def _refuse_long_lists(network: Mapping[str, Any] | None) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html."""
    for key, name, limit in (("subnets", "subnets", 16), ("securityGroups", "security groups", 5)):
        if len((network or {}).get(key) or ()) > limit:
            raise InvalidParameterException(f"{name} can have at most {limit} items.")


def _create_service(self: Response) -> ActionResult:
    params = dict(self._get_params())
    # AWS uses the default security group without `securityGroups`; moto requires the key.
    network = (params.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    _refuse_long_lists(network)
    if network is not None:
        network.setdefault("securityGroups", [])
    if params.get("capacityProviderStrategy") and not params.get("launchType"):
        params["launchType"] = "FARGATE"
    service = self.ecs_backend.create_service(
        params.get("cluster", "default"),
        params["serviceName"],
        params.get("desiredCount") or 0,
        params.get("taskDefinition"),
        params.get("loadBalancers"),
        params.get("schedulingStrategy"),
        params.get("tags"),
        params.get("deploymentController"),
        params.get("launchType"),
        network_configuration=params.get("networkConfiguration"),
        service_registries=params.get("serviceRegistries"),
        platform_version=params.get("platformVersion"),
        propagate_tags=params.get("propagateTags") or "NONE",
        role_arn=params.get("role"),
    )
    _keep(service, params)
    if params.get("capacityProviderStrategy"):
        service.launch_type = None
    return ActionResult({"service": service})


def _update_service(self: Response) -> ActionResult:
    params = dict(self._get_params())
    _refuse_long_lists((params.get("networkConfiguration") or {}).get("awsvpcConfiguration"))
    backend = self.ecs_backend
    cluster, name = params.get("cluster", "default"), params["service"].rsplit("/", 1)[-1]
    service = backend._get_service(cluster, name)  # noqa: SLF001 (raises AWS's error)
    running = service.running_count, service.pending_count
    # The scheduler begins a forced deployment; moto would change the id of the running one.
    handled_here = (*_KEPT, "forceNewDeployment")
    changes = {xform_name(key): value for key, value in params.items() if key not in handled_here}
    backend.update_service(changes)
    # moto sets the running count to the desired count at once.
    service.running_count, service.pending_count = running
    _keep(service, params)
    return ActionResult({"service": service})


def patch() -> None:
    response: Any = Response
    response.create_service = fargate.starting(_create_service)
    response.update_service = fargate.starting(_update_service)
    response.run_task = fargate.starting(response.run_task)
    response.start_task = fargate.starting(response.start_task)
    response.register_task_definition = fargate.registering(response.register_task_definition)
