"""Estimate what the pull of a task's images takes on Fargate: modelled, not measured."""

from dataclasses import dataclass

BYTES_A_SECOND = 13e6
BASIS = (
    "compressed bytes at 13 MB/s. AWS publishes no rate. A user reports about 70 s in PENDING for an image of"
    " almost 900 MB in ECR, in the same region (github.com/aws/containers-roadmap/issues/696, February 2020):"
    " 13 MB/s, with unpacking and the network's attachment included, so the estimate is rather too long."
    " Every task pulls every layer (Amazon ECS developer guide, fargate-pull-behavior)"
)
"""Where the rate comes from."""


@dataclass(frozen=True)
class PullEstimate:
    """What a cold pull adds on Fargate for one layout and size."""

    size: str
    variant: str
    bytes: float

    @property
    def seconds(self) -> float:
        return self.bytes / BYTES_A_SECOND
