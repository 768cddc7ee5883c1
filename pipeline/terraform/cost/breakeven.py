"""The request rate above which the API is cheaper on Fargate than on Lambda."""

from dataclasses import dataclass, replace

from pipeline.terraform.cost.estimate import FunctionSize, TaskSize
from pipeline.terraform.cost.prices import HOURS, PRICES, Prices
from pipeline.terraform.cost.usage import Usage


@dataclass(frozen=True)
class ApiCapacity:
    """The capacity that the API has on each runtime; it may run on either."""

    function: FunctionSize
    size: TaskSize
    """The size of one task."""
    tasks: int
    spot: float
    """The share of the tasks that run on Spot, 0 to 1."""
    has_address: bool
    """Whether a task has a public IP address."""

    def monthly_fargate_cost(self, prices: Prices = PRICES) -> float:
        """US dollars a month of the API's tasks, which cost the same at every request rate."""
        address = HOURS * prices.address_hour if self.has_address else 0.0
        return self.tasks * (self.size.monthly_cost(prices, self.spot) + address)

    def monthly_lambda_cost(self, usage: Usage, prices: Prices = PRICES) -> float:
        """US dollars a month of the API's function."""
        return self.function.monthly_idle_cost(prices) + self.function.monthly_request_cost(usage, prices)


def breakeven_rate(api: ApiCapacity, usage: Usage, prices: Prices = PRICES) -> float:
    """Requests per second at which both cost the same; 0 if the tasks are cheaper at every rate.

    Whether the tasks can serve that rate must be measured.
    """
    dollars_per_rate = api.function.monthly_request_cost(replace(usage, api_requests_per_second=1.0), prices)
    difference = api.monthly_fargate_cost(prices) - api.function.monthly_idle_cost(prices)
    return max(0.0, difference / dollars_per_rate)


def describe(api: ApiCapacity, usage: Usage, prices: Prices = PRICES) -> str:
    """Both costs and the break-even rate in words."""
    size, spot = api.size, f", {api.spot:.0%} Spot" if api.spot else ""
    on_lambda, on_fargate = api.monthly_lambda_cost(usage, prices), api.monthly_fargate_cost(prices)
    rate = breakeven_rate(api, usage, prices)
    return (
        f"The API alone: {on_lambda:.2f} on Lambda ({api.function.memory} MiB, "
        f"{usage.api_requests_per_second:g} requests/s of {usage.api_milliseconds:g} ms), "
        f"{on_fargate:.2f} on Fargate ({api.tasks} x {size.vcpu:g} vCPU, {size.gib:g} GiB{spot})."
        f"\nFargate is cheaper above {rate:.1f} requests/s, if the tasks can serve them."
    )
