"""The usage that an estimate assumes, because no plan contains it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """Averages over a month."""

    api_requests_per_second: float = 1.0
    api_milliseconds: float = 50.0
    site_requests_per_second: float = 5.0
    api_kib: float = 10.0
    site_kib: float = 50.0
    image_gib: float = 5.0
    log_gib: float = 5.0
    nat_gib: float = 20.0
    releases: float = 60.0
    """Pushes that the pipeline of the module `delivery` releases."""
    release_minutes: float = 5.0

    def __str__(self) -> str:
        return (
            f"{self.api_requests_per_second:g} API requests/s of {self.api_milliseconds:g} ms and "
            f"{self.api_kib:g} KiB, {self.site_requests_per_second:g} others of {self.site_kib:g} KiB, "
            f"{self.image_gib:g} GiB of images, {self.log_gib:g} of logs, {self.nat_gib:g} through NAT"
        )
