"""Dollars a month of each alternative, beside the tasks and the load balancer that all of them have."""

from pipeline.compare.alternatives.site_profile import GIB, SiteProfile
from pipeline.compare.alternatives.storage_prices import STORAGE, StoragePrices
from pipeline.terraform.cost.estimate import CostLine, TaskSize
from pipeline.terraform.cost.prices import PRICES, SECONDS, Prices


def sidecar(
    site: SiteProfile, start: float, prices: Prices = PRICES, storage: StoragePrices = STORAGE
) -> list[CostLine]:
    """ECR; pulls are free through the S3 gateway of the network."""
    gib = (site.packed_bytes + site.kept_versions * site.sent_bytes) / GIB
    return [
        _line("ECR", gib * prices.registry_gib_month, f"{gib:.2f} GiB"),
        _starts(site, start, prices),
        _traffic(site, storage),
    ]


def efs(site: SiteProfile, storage: StoragePrices = STORAGE) -> list[CostLine]:
    """Versions share unchanged files as hard links; nginx's machine caches what it read."""
    written_gib = site.publications * site.changed_bytes / GIB
    return [
        _line("storage", site.stored_gib * storage.efs_gib_month, f"{site.stored_gib:.2f} GiB"),
        _line("reads", _missed_gib(site) * storage.efs_read_gib, f"{_missed_gib(site):.0f} GiB"),
        _line("writes", written_gib * storage.efs_write_gib, f"{written_gib:.2f} GiB"),
        _traffic(site, storage),
    ]


def s3_sync(
    site: SiteProfile, start: float, prices: Prices = PRICES, storage: StoragePrices = STORAGE
) -> list[CostLine]:
    """Each start of a task reads every file."""
    gets = site.files * site.task_starts
    return [
        *_bucket(site, gets, storage),
        _starts(site, start, prices),
        _traffic(site, storage),
    ]


def s3_proxy(site: SiteProfile, storage: StoragePrices = STORAGE) -> list[CostLine]:
    """Each request that the cache does not answer is a request of S3."""
    return [*_bucket(site, _misses(site), storage), _traffic(site, storage)]


def s3_files(site: SiteProfile, storage: StoragePrices = STORAGE) -> list[CostLine]:
    """At most: all content is on the fast storage, and is imported once a month with each change."""
    imported_gib = (site.content_bytes + site.publications * site.changed_bytes) / GIB
    stored_gib = site.content_bytes / GIB
    return [
        *_bucket(site, site.files, storage),
        _line("fast storage", stored_gib * storage.s3_files_gib_month, f"{stored_gib:.2f} GiB"),
        _line("reads", _missed_gib(site) * storage.s3_files_read_gib, f"{_missed_gib(site):.0f} GiB"),
        _line("imports", imported_gib * storage.s3_files_write_gib, f"{imported_gib:.2f} GiB"),
        _traffic(site, storage),
    ]


def cloudfront(site: SiteProfile, storage: StoragePrices = STORAGE) -> list[CostLine]:
    """Traffic goes through CloudFront, to which S3 sends for nothing; one invalidation a publication."""
    paid_invalidations = max(0, site.publications - storage.cloudfront_free_invalidations)
    return [
        *_bucket(site, _misses(site), storage),
        _line("requests", site.requests * storage.cloudfront_request, f"{site.requests / 1e6:.1f} million"),
        _line("invalidations", paid_invalidations * storage.cloudfront_invalidation, f"{paid_invalidations}"),
        _line("traffic", site.traffic_gib * storage.cloudfront_gib, f"{site.traffic_gib:.0f} GiB"),
    ]


def _bucket(site: SiteProfile, gets: float, storage: StoragePrices) -> list[CostLine]:
    puts = site.publications
    return [
        _line("S3 storage", site.stored_gib * storage.s3_gib_month, f"{site.stored_gib:.2f} GiB"),
        _line("S3 reads", gets * storage.s3_get, f"{gets / 1e6:.1f} million"),
        _line("S3 writes", puts * storage.s3_put, f"{puts}"),
    ]


def _starts(site: SiteProfile, start: float, prices: Prices) -> CostLine:
    """Fargate bills a task from the pull on."""
    second = TaskSize(site.vcpu, site.gib, 0, arm=False).monthly_cost(prices) / SECONDS
    return _line("starts", site.task_starts * start * second, f"{site.task_starts} of {start:.0f} s")


def _traffic(site: SiteProfile, storage: StoragePrices) -> CostLine:
    return _line("traffic", site.traffic_gib * storage.internet_gib, f"{site.traffic_gib:.0f} GiB")


def _misses(site: SiteProfile) -> float:
    return site.requests * (1 - site.cache_hits)


def _missed_gib(site: SiteProfile) -> float:
    return site.traffic_gib * (1 - site.cache_hits)


def _line(what: str, dollars: float, how: str) -> CostLine:
    return CostLine(what, dollars, how)
