"""Application Auto Scaling: whether it owns a service's number of tasks, and the least that it keeps."""

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import explain_errors


def minimum_tasks(aws: Aws, cluster: str, service: str) -> int | None:
    """The minimum of the service's autoscaling; None without autoscaling. TandemError if AWS refuses."""
    with explain_errors(f"ask whether autoscaling owns the service {service}"):
        targets = aws.client("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="ecs",
            ResourceIds=[f"service/{cluster}/{service}"],
            ScalableDimension="ecs:service:DesiredCount",
        )["ScalableTargets"]
    return int(targets[0]["MinCapacity"]) if targets else None
