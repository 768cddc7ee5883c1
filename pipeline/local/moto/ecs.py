"""ECS services: keep every setting that a client gave, and leave running counts to the scheduler."""

from typing import Any

from botocore import xform_name
from moto.core.responses import ActionResult
from moto.ecs.models import Service
from moto.ecs.responses import EC2ContainerServiceResponse as Response

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


def _keep(service: Service, given: dict[str, Any]) -> None:
    for name in _KEPT:
        if given.get(name) is None:
            continue
        value, before = given[name], getattr(service, xform_name(name), None)
        # An update names what changes: the rest of the structure stays.
        merged = {**before, **value} if isinstance(before, dict) else value
        setattr(service, xform_name(name), merged)


def _create_service(self: Response) -> ActionResult:
    given = dict(self._get_params())
    # AWS takes the groups' default where none are given; moto needs the key.
    network = (given.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if network is not None:
        network.setdefault("securityGroups", [])
    if given.get("capacityProviderStrategy") and not given.get("launchType"):
        given["launchType"] = "FARGATE"
    service = self.ecs_backend.create_service(
        given.get("cluster", "default"),
        given["serviceName"],
        given.get("desiredCount") or 0,
        given.get("taskDefinition"),
        given.get("loadBalancers"),
        given.get("schedulingStrategy"),
        given.get("tags"),
        given.get("deploymentController"),
        given.get("launchType"),
        network_configuration=given.get("networkConfiguration"),
        service_registries=given.get("serviceRegistries"),
        platform_version=given.get("platformVersion"),
        propagate_tags=given.get("propagateTags") or "NONE",
        role_arn=given.get("role"),
    )
    _keep(service, given)
    if given.get("capacityProviderStrategy"):
        service.launch_type = None
    return ActionResult({"service": service})


def _update_service(self: Response) -> ActionResult:
    given = dict(self._get_params())
    backend = self.ecs_backend
    cluster, name = given.get("cluster", "default"), given["service"].rsplit("/", 1)[-1]
    service = backend._get_service(cluster, name)  # noqa: SLF001 (raises what AWS would)
    running = service.running_count, service.pending_count
    # A forced deployment of the same revision is the scheduler's business; moto would rename the running one.
    dropped = (*_KEPT, "forceNewDeployment")
    wanted = {xform_name(key): value for key, value in given.items() if key not in dropped}
    backend.update_service(wanted)
    # moto believes that all desired tasks run at once.
    service.running_count, service.pending_count = running
    _keep(service, given)
    return ActionResult({"service": service})


def patch() -> None:
    response: Any = Response
    response.create_service = _create_service
    response.update_service = _update_service
