"""Notice tasks of a new revision that end by themselves after they were healthy."""

from dataclasses import dataclass, field

from pipeline.aws.access import Aws
from pipeline.aws.ecs import ServiceSnapshot, read_service
from pipeline.deploy.rollout.reasons import explain, failed_tasks


@dataclass
class EndedTasks:
    """The tasks of `revision` (an ARN) that have ended since the first reading; not those scaled in."""

    aws: Aws
    cluster: str
    service: str
    revision: str
    _before: set[str] | None = field(default=None)
    """The tasks that had ended before."""

    def reason(self) -> str:
        """Why at least half of the tasks have ended; empty if they have not. TandemError if ECS refuses."""
        snapshot = read_service(self.aws, self.cluster, self.service)
        ids = {task.id for task in failed_tasks(snapshot, self.revision)}
        if self._before is None:
            self._before = ids
        new = len(ids - self._before)
        if new < _limit(snapshot):
            return ""
        return f"{new} of them ended: {explain(self.aws, snapshot, self.revision)}"


def _limit(snapshot: ServiceSnapshot) -> int:
    """Half of the tasks: one of many may end because its host did."""
    return max(1, snapshot.desired // 2)
