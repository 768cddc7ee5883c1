"""A platform on the local control plane, and what Terraform's release root would do there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.backends import get_backend

from pipeline.core.platform import AppliedRelease, Platform
from pipeline.deploy.manifest import Release, Weights
from pipeline.local.moto import InvokeResponse, on_invoke
from tests.support.aws_access import aws
from tests.support.example_releases import PLATFORM

TARGETS = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1"
FUNCTION = "shop-dev-api"
TASK_DEFINITION = "module.service.aws_ecs_task_definition.this"
WELL = InvokeResponse(b'{"statusCode": 200}')
_TRUST = '{"Statement": []}'


def _backend(service: str, region: str = "eu-central-1") -> Any:
    """What moto holds of a service: reading it takes a twentieth of the time of a request."""
    return get_backend(service)["123456789012"][region]  # type: ignore[call-overload]


@dataclass
class Stage:
    """Plays Terraform and ECS; `sick` names API images whose versions do not do well."""

    platform: Platform = field(
        default_factory=lambda: PLATFORM.model_copy(
            update={"function_name": FUNCTION, "api_target_group_arns": {"lambda": TARGETS}}
        )
    )
    applied: list[tuple[str, Weights]] = field(default_factory=list)
    probed: list[str] = field(default_factory=list)
    answers: dict[str, InvokeResponse] = field(default_factory=dict)
    breaks: set[str] = field(default_factory=set)
    after_invocation: Callable[[], None] = lambda: None
    running: str = ""
    revision: tuple[str, dict[str, Any]] | tuple[()] = ()
    """The last task definition that Terraform registered: ARN and content."""
    is_scaled: bool = False
    """Whether autoscaling owns the number of tasks: Terraform leaves it alone."""

    def __post_init__(self) -> None:
        self.ecs, self.functions = aws().client("ecs"), aws().client("lambda")
        _backend("ecs").create_cluster("shop-dev")
        self.role = _backend("iam", "aws").create_role("api", _TRUST, "/", None, "", [], None).arn
        on_invoke(self._invoke)

    def _invoke(self, name: str, qualifier: str, payload: bytes) -> InvokeResponse:
        del payload
        self.probed.append(qualifier)
        version = _backend("lambda").get_function(name, qualifier)
        version.state = "Active"  # an invocation wakes an inactive version
        answer = self.answers.get(version.code["ImageUri"], WELL)
        self.after_invocation()
        return answer

    def apply(self, release: Release, weights: Weights, replace: Sequence[str] = ()) -> AppliedRelease:
        """What `terraform apply` of the release root does."""
        image = str(release.api.image) if release.api and self.platform.runtimes else ""
        self.applied.append((image[-4:], weights))
        version = self._function(image) if image else None
        if version:
            self._alias(version, weights)
        elif self._has_alias():
            _backend("lambda").delete_alias("live", FUNCTION)
            self.functions.delete_function(FunctionName=FUNCTION)
        return AppliedRelease(
            service_name="shop-dev",
            task_definition_arn=self._service(release, replace),
            release_number=release.number,
            function_name=FUNCTION if version else None,
            function_version=version,
        )

    def switch_api(self, *, on: bool) -> None:
        """What `terraform apply` of the platform root does if `api.enabled` was changed."""
        arns, shares = ({"lambda": TARGETS}, {"lambda": 100}) if on else ({}, {})
        changed = {"api_target_group_arns": arns, "api_split": shares, "api_shares": shares}
        self.platform = self.platform.model_copy(update=changed)

    def _function(self, image: str) -> str:
        try:
            function = _backend("lambda").get_function(FUNCTION)
        except UnknownFunctionException:
            created = self.functions.create_function(
                FunctionName=FUNCTION,
                Role=self.role,
                PackageType="Image",
                Code={"ImageUri": image},
                Publish=True,
            )
            self.running = created["Version"]
            return self.running
        if function.code["ImageUri"] != image:
            self.functions.update_function_code(FunctionName=FUNCTION, ImageUri=image)
            self.running = self.functions.publish_version(FunctionName=FUNCTION)["Version"]
        return self.running

    def _alias(self, version: str, weights: Weights) -> None:
        stable, percent = weights.stable_version, weights.canary_percent
        shared = stable is not None and percent < 100
        share = {version: percent / 100} if shared and stable != version else {}
        put = _backend("lambda").update_alias if self._has_alias() else _backend("lambda").create_alias
        put("live", FUNCTION, stable if shared else version, "", {"AdditionalVersionWeights": share})

    def _service(self, release: Release, replace: Sequence[str]) -> str:
        arn = self._revision(release.task_definition, is_replaced=TASK_DEFINITION in replace)
        service = self._active_service()
        count = self._count(service, release)
        before = service.task_definition if service else None
        if not service:
            _backend("ecs").create_service("shop-dev", "shop-dev", count, arn)
        elif (before, service.desired_count) == (arn, count):
            return arn  # Terraform finds no difference, whatever became of the deployment
        else:
            self.ecs.update_service(
                cluster="shop-dev", service="shop-dev", taskDefinition=arn, desiredCount=count
            )
        images = {item["image"] for item in release.task_definition["containerDefinitions"]}
        good = not images & self.breaks
        # Without an earlier revision the circuit breaker has nothing to roll back to.
        if good or not before:
            self.show(arn, "COMPLETED" if good else "FAILED")
        else:
            self.show(before, "COMPLETED", failed=arn)
        return arn

    def _count(self, service: Any, release: Release) -> int:
        return int(service.desired_count) if service and self.is_scaled else release.count

    def scale(self, minimum: int) -> None:
        """Let autoscaling own the number of tasks."""
        self.is_scaled = True
        aws().client("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId="service/shop-dev/shop-dev",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=minimum,
            MaxCapacity=4,
        )

    def _revision(self, content: Mapping[str, Any], *, is_replaced: bool) -> str:
        """The ARN of the revision with that content: the last one, unless it differs or is gone."""
        if not is_replaced and self.revision and self.revision[1] == content and self._is_active():
            return self.revision[0]
        registered = self.ecs.register_task_definition(**content)["taskDefinition"]["taskDefinitionArn"]
        self.revision = (registered, dict(content))
        return registered

    def _is_active(self) -> bool:
        return bool(_backend("ecs").describe_task_definition(self.revision[0]).status == "ACTIVE")

    def differs(self) -> list[str]:
        """What a plan would change, because it was changed by hand."""
        service = self._active_service()
        return [
            *(
                ["module.service.aws_ecs_service.fixed[0]"]
                if not service or self._is_changed(service)
                else []
            ),
            *([TASK_DEFINITION] if self.revision and not self._is_active() else []),
            *(
                []
                if self._has_alias() or not self.platform.runtimes
                else ["module.api[0].aws_lambda_alias.live"]
            ),
        ]

    def _is_changed(self, service: Any) -> bool:
        count = service.desired_count if self.is_scaled else 2
        return (service.task_definition, service.desired_count) != (self.revision[0], count)

    def _has_alias(self) -> bool:
        try:
            _backend("lambda").get_alias("live", FUNCTION)
        except (UnknownAliasException, UnknownFunctionException):
            return False
        return True

    def _active_service(self) -> Any:
        """The service as moto holds it; None without one."""
        services, _ = _backend("ecs").describe_services("shop-dev", ["shop-dev"])
        return next((service for service in services if service.status == "ACTIVE"), None)

    def show(self, arn: str, state: str, failed: str | None = None) -> None:
        """Let ECS report this primary deployment, and one that failed."""
        shown = next(iter(_backend("ecs").services.values()))
        shown.task_definition = arn
        shown.running_count, shown.pending_count = 2, 0
        shown.deployments = [_deployment(arn, "PRIMARY", state, 2)]
        if failed:
            shown.deployments.append(_deployment(failed, "ACTIVE", "FAILED", 0))

    def alias(self) -> tuple[str, dict[str, float]]:
        """The alias's version, and the shares of its other versions."""
        alias = _backend("lambda").get_alias("live", FUNCTION)
        weights = (alias.routing_config or {}).get("AdditionalVersionWeights", {})
        return alias.function_version, {version: share for version, share in weights.items() if share}


def _deployment(arn: str, status: str, state: str, running: int) -> dict[str, Any]:
    return {
        "id": f"ecs-svc/{arn.rpartition(':')[2]}",
        "status": status,
        "taskDefinition": arn,
        "desiredCount": 2,
        "runningCount": running,
        "pendingCount": 0,
        "failedTasks": 0,
        "rolloutState": state,
        "rolloutStateReason": "tasks failed to start" if state == "FAILED" else "",
        "createdAt": datetime.now(UTC),
        "updatedAt": datetime.now(UTC),
    }
