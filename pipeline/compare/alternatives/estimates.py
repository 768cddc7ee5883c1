"""Compute each alternative for a site: latency of a page, start of a task, publishing, dollars a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.compare.alternatives import costs
from pipeline.compare.alternatives.citations import Citation
from pipeline.compare.alternatives.figure import NOTHING, Estimate, exactly, total
from pipeline.compare.alternatives.machine_figures import MachineFigures
from pipeline.compare.alternatives.site_profile import SiteProfile
from pipeline.terraform.cost.estimate import CostLine

TO_REGION = Estimate.documented(0.030, 0.030, Citation.NETWORK)
TO_EDGE = Estimate.documented(0.010, 0.010, Citation.NETWORK)
EDGE_TO_REGION = Estimate.documented(0.020, 0.020, Citation.NETWORK)
S3_OBJECT = Estimate.documented(0.100, 0.200, Citation.S3_LATENCY)
S3_RATE = Estimate.documented(85e6, 90e6, Citation.S3_LATENCY)
SYNC_REQUESTS = 10
EFS_READ = Estimate.documented(0.00025, 0.001, Citation.EFS_LATENCY)
EFS_SLOW_READ = Estimate.documented(0.001, 0.005, Citation.EFS_LATENCY)
READS = 2  # of a file: to open and to read it
PULL_RATE = Estimate.documented(413e6 / 57, 2700e6 / 55, Citation.FARGATE_SMALL, Citation.FARGATE_LARGE)
"""Bytes of images a second; both starts contain more than the pull, so the true rates are higher."""
ROLLOUT = Estimate.documented(30.0, 90.0, Citation.ROLLOUT)
BUILD = Estimate(0.08, 0.12, is_measured=True, sources=(Citation.BENCHMARKS,))
INVALIDATION = Estimate.documented(10.0, 300.0, Citation.INVALIDATION)
S3_FILES_DELAY = Estimate.documented(1.8, 30.0, Citation.S3_FILES_DELAY)
WRITE_TO_EFS = Estimate.documented(0.003, 1.0, Citation.EFS_LATENCY)


class Name(StrEnum):
    """The alternatives, as the tables name them."""

    SIDECAR = "Tandem, sidecar"
    EFS = "EFS"
    S3_SYNC = "S3, synced at start"
    S3_PROXY = "S3 behind nginx"
    S3_FILES = "S3 Files"
    CLOUDFRONT = "CloudFront and S3"


@dataclass(frozen=True)
class Alternative:
    """One way; times are in seconds.

    `page_p50` and `page_p99` are what a visitor sees on an open connection. `start` is added to each start of
    a task. `publish` runs from the change of one file until every visitor gets it.
    """

    name: Name
    page_p50: Estimate
    page_p99: Estimate
    start: Estimate
    publish: Estimate
    costs: Sequence[CostLine]

    @property
    def figures(self) -> tuple[Estimate, ...]:
        return (self.page_p50, self.page_p99, self.start, self.publish)

    @property
    def dollars(self) -> float:
        return sum(line.dollars for line in self.costs)


def alternatives(site: SiteProfile, measured: MachineFigures) -> list[Alternative]:
    """Every alternative for that site, the sidecar first."""
    return [make(site, measured) for make in (_sidecar, _efs, _s3_sync, _s3_proxy, _s3_files, _cloudfront)]


def with_cache(hits: float, hit: Estimate, miss: Estimate, quantile: float) -> Estimate:
    """The quantile of requests of which the share `hits` is answered by a cache: it is a hit or a miss."""
    return hit if quantile <= hits else miss


def _sidecar(site: SiteProfile, measured: MachineFigures) -> Alternative:
    pull = exactly(site.packed_bytes).at_rate(PULL_RATE)
    copy = exactly(site.content_bytes).at_rate(Estimate.measured(measured.copied_per_second))
    start = pull + copy
    return Alternative(
        Name.SIDECAR,
        TO_REGION + Estimate.measured(measured.file_p50),
        TO_REGION + Estimate.measured(measured.file_p99),
        start,
        total([BUILD, ROLLOUT, start]),
        costs.sidecar(site, start.high),
    )


def _efs(site: SiteProfile, measured: MachineFigures) -> Alternative:
    return Alternative(
        Name.EFS,
        total([TO_REGION, Estimate.measured(measured.file_p50), EFS_READ.times(READS)]),
        total([TO_REGION, Estimate.measured(measured.file_p99), EFS_SLOW_READ.times(READS)]),
        NOTHING,
        WRITE_TO_EFS,
        costs.efs(site),
    )


def _s3_sync(site: SiteProfile, measured: MachineFigures) -> Alternative:
    # A request at a time for each file, ten of them at once; large files are bound by the rate.
    requests = S3_OBJECT.times(site.files / SYNC_REQUESTS)
    requests = Estimate(
        requests.low, requests.high, is_measured=False, sources=(*requests.sources, Citation.CLI_REQUESTS)
    )
    start = requests.at_least(exactly(site.content_bytes).at_rate(S3_RATE.times(SYNC_REQUESTS)))
    return Alternative(
        Name.S3_SYNC,
        TO_REGION + Estimate.measured(measured.file_p50),
        TO_REGION + Estimate.measured(measured.file_p99),
        start,
        total([S3_OBJECT, ROLLOUT, start]),
        costs.s3_sync(site, start.high),
    )


def _s3_proxy(site: SiteProfile, measured: MachineFigures) -> Alternative:
    hit, slow_hit = Estimate.measured(measured.cached_p50), Estimate.measured(measured.cached_p99)
    miss = Estimate.measured(measured.proxy) + S3_OBJECT
    return Alternative(
        Name.S3_PROXY,
        TO_REGION + with_cache(site.cache_hits, hit, miss, 0.50),
        TO_REGION + with_cache(site.cache_hits, slow_hit, miss, 0.99),
        NOTHING,
        S3_OBJECT + Estimate(0.0, site.cache_seconds, is_measured=True),
        costs.s3_proxy(site),
    )


def _s3_files(site: SiteProfile, measured: MachineFigures) -> Alternative:
    small = Estimate.documented(EFS_READ.low, EFS_READ.high, Citation.S3_FILES).times(READS)
    first = Estimate.documented(S3_OBJECT.low, S3_OBJECT.high, Citation.S3_FILES, Citation.S3_LATENCY)
    return Alternative(
        Name.S3_FILES,
        total([TO_REGION, Estimate.measured(measured.file_p50), small]),
        total([TO_REGION, Estimate.measured(measured.file_p99), first]),
        NOTHING,
        S3_OBJECT + S3_FILES_DELAY,
        costs.s3_files(site),
    )


def _cloudfront(site: SiteProfile, _: MachineFigures) -> Alternative:
    miss = total([TO_EDGE, EDGE_TO_REGION, S3_OBJECT])
    return Alternative(
        Name.CLOUDFRONT,
        with_cache(site.cache_hits, TO_EDGE, miss, 0.50),
        with_cache(site.cache_hits, TO_EDGE, miss, 0.99),
        NOTHING,
        S3_OBJECT + INVALIDATION,
        costs.cloudfront(site),
    )
