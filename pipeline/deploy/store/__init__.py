"""The releases of one environment: numbered manifests, the current release, the lock and the audit trail.

`Store` reads and writes them as small objects with compare-and-swap (`objects`), in a folder (`files`) or in
a bucket (`s3`). `state` is one object: the number of the current release and the `holder` of the lock. `lock`
acquires, renews and releases the lock. The room imports `deploy/manifest`, `aws` and `core`; manifests and
trail entries leave it as frozen values.
"""

from pipeline.deploy.store.store import Outcome, Store, TrailEntry

__all__ = ["Outcome", "Store", "TrailEntry"]
