"""The site that the alternatives are modelled for: its content, its traffic and its changes in a month."""

from dataclasses import dataclass

from pipeline.terraform.cost.prices import SECONDS
from pipeline.terraform.cost.usage import Usage

GIB = 1024**3
_FILES_PER_BYTE = 16 / 1e6
_PACKED = 0.8
_CHANGED, _SENT = 687_000, 311_000


@dataclass(frozen=True)
class SiteProfile:
    """Bytes and files of the content, and what happens in a month.

    `packed_bytes` are the content's compressed layers. A publication changes `changed_bytes`, for which
    `sent_bytes` of layers are sent. `cache_hits` is the share of the requests that a cache answers.
    """

    content_bytes: float
    packed_bytes: float
    files: float
    changed_bytes: float = _CHANGED
    sent_bytes: float = _SENT
    tasks: int = 2
    vcpu: float = 0.25
    gib: float = 0.5
    requests_per_second: float = Usage.site_requests_per_second
    response_bytes: float = Usage.site_kib * 1024
    publications: int = 200
    scale_outs: int = 100
    kept_versions: int = 20
    cache_hits: float = 0.9
    cache_seconds: float = 60.0
    """For how long nginx serves an answer of S3 without asking again."""

    @property
    def requests(self) -> float:
        return self.requests_per_second * SECONDS

    @property
    def traffic_gib(self) -> float:
        return self.requests * self.response_bytes / GIB

    @property
    def task_starts(self) -> int:
        """Where each publication replaces all tasks."""
        return self.publications * self.tasks + self.scale_outs

    @property
    def stored_gib(self) -> float:
        """The content, and the changed files of each version that is kept."""
        return (self.content_bytes + self.kept_versions * self.changed_bytes) / GIB

    def __str__(self) -> str:
        traffic = (
            f"{self.requests_per_second:g} requests/s of {self.response_bytes / 1024:g} KiB"
            f" ({self.traffic_gib:,.0f} GiB a month)"
        )
        changes = f"{self.publications} publications and {self.scale_outs} scale-outs a month"
        return (
            f"{self.content_bytes / 1e6:,.0f} MB in {self.files:,.0f} files, {traffic}, {self.tasks} tasks of"
            f" {self.vcpu:g} vCPU, {changes}, {self.kept_versions} versions kept; where there is a cache it"
            f" answers {self.cache_hits:.0%} of the requests"
        )


def site_of(content_bytes: float) -> SiteProfile:
    """A site with that much content, made like the one of the benchmarks: 16 files per MB, packed to 80 %."""
    return SiteProfile(content_bytes, content_bytes * _PACKED, content_bytes * _FILES_PER_BYTE)
