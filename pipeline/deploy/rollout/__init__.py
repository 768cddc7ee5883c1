"""Put one release into effect and find out whether it succeeded.

`Rollout` has the steps (apply, probe, watch, bake, shift the API's traffic); `deploy/release.py` calls them
in order. `watch` asks ECS until `verdict` (pure) finds an end, and `reasons` explains it. `bake` and `canary`
read the metrics of load balancer and function. `Recovery` returns to the previous release. The room imports
`aws`, `deploy/store` and `deploy/manifest`, but no session.
"""

from pipeline.deploy.rollout.recovery import Recovery
from pipeline.deploy.rollout.rollout import AT_ONCE, ApplyWeights, Pace, Rollout
from pipeline.deploy.rollout.verdict import End, Verdict
from pipeline.deploy.rollout.watch import RolloutResult, watch_service

__all__ = [
    "AT_ONCE",
    "ApplyWeights",
    "End",
    "Pace",
    "Recovery",
    "Rollout",
    "RolloutResult",
    "Verdict",
    "watch_service",
]
