"""How much an environment is used: what no plan can know, and the estimate has to assume."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """Averages over a month."""

    api_requests_per_second: float = 1.0
    api_milliseconds: float = 50.0
    site_requests_per_second: float = 5.0
    kilobytes_per_request: float = 50.0
    image_gib: float = 5.0
    log_gib: float = 5.0
    nat_gib: float = 20.0
