"""What to change in an image that does not run as a task does: by the messages of nginx and of ECS."""

import re

_WRITES = (
    "let the app write below /tmp only (for nginx: pid /tmp/nginx.pid; client_body_temp_path /tmp/client; and"
    " the other temp paths, as in examples/app/nginx.conf), or set read_only = false under [task]"
)
_USER = (
    "the app runs as user 101, without capabilities: in the Dockerfile, give it the paths that it writes (RUN"
    " chown -R 101:101 PATH), let it listen on a port from 1024 on, and leave out nginx's `user` line"
)
_PROCESSOR = "build the image for the processor of task.architecture in tandem.toml"
_HEALTH = (
    "the app must answer 200 at task.health_path on task.port of tandem.toml; in the container wget or curl"
    " asks, one of which the image must have"
)
_ADVICE = (
    (r"Read-only file system", _WRITES),
    (r"\(1: Operation not permitted\)|Permission denied", _USER),
    (r"exec format error", _PROCESSOR),
    (r"failed its health check|Task failed (?:container|ELB) health checks", _HEALTH),
)


def advise(reason: str) -> str:
    """The change that helps against `reason`; empty if it names nothing that is known."""
    return next((advice for pattern, advice in _ADVICE if re.search(pattern, reason)), "")
