"""Put one release into effect, and find out how that ended.

`Rollout` has the steps (apply, probe, watch, bake, shift the API's traffic); `deploy/release.py` says their
order. `watch` asks ECS until `verdict` (pure) knows an end and `reasons` says why; `bake` and `canary` watch
the load balancer's and the function's counts; `Recovery` goes back. It imports `aws` and values, no session.
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
