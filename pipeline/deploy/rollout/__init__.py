"""Watch a rollout until it is known how it ended: the truth, and why.

`judge` decides from one look at the service (pure), `look` takes that look (ECS and its tasks), `reasons`
says what went wrong (exit codes, health checks, last log lines), `rollout` repeats until there is an end.
"""

from pipeline.deploy.rollout.verdict import End, Verdict
from pipeline.deploy.rollout.watch import Rollout, rollout

__all__ = ["End", "Rollout", "Verdict", "rollout"]
