"""Prices of storage and traffic: US dollars, on demand, without free tiers; looked up in November 2026.

`pipeline/terraform/cost/prices.py` has the others. The comment above each price names its source.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class StoragePrices:
    """Prices named as on https://aws.amazon.com/{s3,efs,cloudfront}/pricing/, mostly of eu-central-1."""

    # S3 price list of the region (EUC1-TimedStorage-ByteHrs), published 2026-08-31.
    s3_gib_month: float = 0.0245
    # The same list: EUC1-Requests-Tier2 and -Tier1.
    s3_get: float = 0.00043 / 1000
    s3_put: float = 0.0054 / 1000
    # EC2 price list of the region (EUC1-DataTransfer-Out-Bytes), published 2026-08-31: the first 10 TB.
    internet_gib: float = 0.09
    # CloudFront price list (EU-DataTransfer-Out-Bytes), published 2026-08-31: the first 10 TB in Europe.
    cloudfront_gib: float = 0.085
    # The same list: HTTPS requests in Europe.
    cloudfront_request: float = 0.0120 / 10_000
    # https://docs.aws.amazon.com/whitepapers/latest/how-aws-pricing-works/cloudfront.html
    cloudfront_invalidation: float = 0.005
    cloudfront_free_invalidations: int = 1000
    # Of us-east-1, a public guide of 2026-06, unconfirmed for this region: Standard, elastic throughput.
    efs_gib_month: float = 0.30
    efs_read_gib: float = 0.03
    efs_write_gib: float = 0.06
    # Of us-east-1, a public note of 2026-04, unconfirmed for this region; the same as EFS.
    s3_files_gib_month: float = 0.30
    s3_files_read_gib: float = 0.03
    s3_files_write_gib: float = 0.06


STORAGE = StoragePrices()
