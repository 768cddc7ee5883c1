"""At which request rate the API is cheaper as tasks on Fargate than as a function."""

from dataclasses import replace

from pipeline.cost.estimate import Size, lambda_month
from pipeline.cost.prices import PRICES, Prices
from pipeline.cost.usage import Usage


def rate(size: Size, count: int, memory: int, usage: Usage, prices: Prices = PRICES) -> float:
    """Requests per second at which `count` tasks of `size` cost what the function of `memory` MiB costs.

    It says nothing about whether the tasks can carry that rate: measure it.
    """
    values = {"memory_size": memory, "architectures": ["arm64"] if size.arm else ["x86_64"]}
    one = lambda_month(values, replace(usage, api_requests_per_second=1.0), prices)
    return count * size.month(prices) / one


def sentence(size: Size, count: int, even: float) -> str:
    """The break-even in words."""
    return (
        f"The API is cheaper on Fargate ({count} tasks of {size.vcpu:g} vCPU) than on Lambda "
        f"above {even:.1f} requests per second, if the tasks can carry them."
    )
