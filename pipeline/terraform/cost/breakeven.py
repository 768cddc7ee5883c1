"""At which request rate the API is cheaper as tasks on Fargate than as a function."""

from dataclasses import dataclass, replace

from pipeline.terraform.cost.estimate import Function, Size
from pipeline.terraform.cost.prices import HOURS, PRICES, Prices
from pipeline.terraform.cost.usage import Usage


@dataclass(frozen=True)
class Api:
    """What the API is given on each runtime, whichever it runs on now."""

    function: Function
    size: Size
    """Of one task."""
    tasks: int
    spot: float
    """Share of the tasks that runs on Spot."""
    has_address: bool
    """Whether a task needs a public address."""

    def on_fargate(self, prices: Prices = PRICES) -> float:
        """A month of its tasks, which cost the same at every rate."""
        address = HOURS * prices.address_hour if self.has_address else 0.0
        return self.tasks * (self.size.month(prices, self.spot) + address)

    def on_lambda(self, usage: Usage, prices: Prices = PRICES) -> float:
        """A month of its function."""
        return self.function.idle_month(prices) + self.function.busy_month(usage, prices)


def rate(api: Api, usage: Usage, prices: Prices = PRICES) -> float:
    """Requests per second at which both cost the same; 0 where the tasks are cheaper at every rate.

    It says nothing about whether the tasks can carry that rate: measure it.
    """
    one = api.function.busy_month(replace(usage, api_requests_per_second=1.0), prices)
    return max(0.0, (api.on_fargate(prices) - api.function.idle_month(prices)) / one)


def sentence(api: Api, usage: Usage, prices: Prices = PRICES) -> str:
    """Both in words."""
    size, spot = api.size, f", {api.spot:.0%} Spot" if api.spot else ""
    return (
        f"The API alone: {api.on_lambda(usage, prices):.2f} on Lambda ({api.function.memory} MiB, "
        f"{usage.api_requests_per_second:g} requests/s of {usage.api_milliseconds:g} ms), "
        f"{api.on_fargate(prices):.2f} on Fargate ({api.tasks} x {size.vcpu:g} vCPU, {size.gib:g} GiB{spot})."
        f"\nFargate is cheaper above {rate(api, usage, prices):.1f} requests/s, if the tasks can carry them."
    )
