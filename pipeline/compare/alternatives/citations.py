"""Where the figures of the alternatives come from; looked up in November 2026."""

from enum import Enum


class Citation(Enum):
    """A source: what it says, and its address or the file in this repository."""

    MEASURED = (
        "measured on the machine named below",
        "../../pipeline/compare/alternatives/measured.json",
    )
    BENCHMARKS = ("build of one changed file, and sizes of layers", "../internals/benchmarks.md")
    S3_LATENCY = (
        "S3: small objects in 100 to 200 ms, 85 to 90 MB/s for each request",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-design-patterns.html",
    )
    CLI_REQUESTS = (
        "aws s3 sync: 10 requests at a time by default",
        "https://docs.aws.amazon.com/cli/latest/topic/s3-config.html",
    )
    EFS_LATENCY = (
        "EFS: reads from 250 µs, low single-digit milliseconds",
        "https://docs.aws.amazon.com/efs/latest/ug/performance.html",
    )
    S3_FILES = (
        "S3 Files: small files on EFS storage, reads of 128 KB and more from S3",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-files-performance.html",
    )
    S3_FILES_DELAY = (
        "S3 Files: an object changed in the bucket is seen after 1.8 s, a new one after 30 s (a stress test)",
        "https://storagenews.top/posts/s3-files-latency-8s-updates-30s-visibility/",
    )
    FARGATE_SMALL = (
        "Fargate: a task with an image of 413 MB starts in 57 s (a measurement)",
        "https://elasticscale.com/blog/reduce-aws-fargate-pull-times-with-soci",
    )
    FARGATE_LARGE = (
        "Fargate: a task with an image of 2,700 MB starts in 55 s (a measurement)",
        "https://drorspei.com/2026/01/23/my-fargate-startup-is-slow-an-investigation-into-docker-layer-optimization",
    )
    INVALIDATION = (
        "CloudFront: an invalidation mostly ends within a minute, at most after minutes (a guide)",
        "https://www.static-asset-fingerprinting.com/cdn-purge-strategies/aws-cloudfront-invalidation/",
    )
    ROLLOUT = (
        "assumed: replacing small tasks takes 30 to 90 s (network interface, health checks, draining)",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-recommendations.html",
    )
    NETWORK = ("assumed: 30 ms from the visitor to the region, 10 ms to an edge location", "")

    @property
    def words(self) -> str:
        return str(self.value[0])

    @property
    def address(self) -> str:
        return str(self.value[1])
