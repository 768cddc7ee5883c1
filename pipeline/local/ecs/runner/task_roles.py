"""Give a task's containers what AWS's SDKs need: region, endpoint, and the keys of the task role.

Fargate serves the keys at an address of the task's own, and renews them. Here they are variables, and count
until the task ends.
"""

from dataclasses import dataclass
from datetime import timedelta

from pipeline.local.moto.role_sessions import RoleSession, close_session, open_session

_AS_LONG_AS_THE_TASK = timedelta(days=3650)


@dataclass(frozen=True)
class TaskRoles:
    """The roles of one account; without `endpoint` no control plane would take their keys."""

    account: str
    region: str
    endpoint: str

    def open(self, role: str, task: str) -> RoleSession | None:
        """A session of the task's role, named after the task; None if it has no role."""
        if not role or not self.endpoint:
            return None
        return open_session(self.account, self.region, role, task, _AS_LONG_AS_THE_TASK)

    def close(self, session: RoleSession | None) -> None:
        """Refuse the session's keys from now on."""
        if session is not None:
            close_session(self.account, session)

    def environ(self, session: RoleSession | None) -> dict[str, str]:
        """The variables of each container of the task."""
        region = {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}
        endpoint = {"AWS_ENDPOINT_URL": self.endpoint} if self.endpoint else {}
        keys = session.environ() if session else {}
        return {"AWS_EXECUTION_ENV": "AWS_ECS_FARGATE", **region, **endpoint, **keys}
