"""ECS Exec: an interactive session in a running container, by AWS's session-manager-plugin."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import join
from typing import Any

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import explain_errors
from pipeline.aws.endpoints import dns_suffix

PLUGIN = "session-manager-plugin"


@dataclass(frozen=True)
class ExecTarget:
    """A running container: its cluster, the id of its task, its name and its runtime id."""

    cluster: str
    task: str
    container: str
    runtime_id: str


def open_exec_session(aws: Aws, target: ExecTarget, command: Sequence[str]) -> list[str]:
    """Open a session with `command`; returns the command of the plugin that connects to it.

    ECS takes one line, which it splits into words as a shell does.

    Raises:
        TandemError: ECS refuses: Exec is off for the task, or its agent does not run.
    """
    with explain_errors(f"run a command in the task {target.task}"):
        answer = aws.client("ecs").execute_command(
            cluster=target.cluster,
            task=target.task,
            container=target.container,
            interactive=True,
            command=join(command),
        )
    return plugin_command(aws.region, target, answer["session"])


def plugin_command(region: str, target: ExecTarget, session: Mapping[str, Any]) -> list[str]:
    """The plugin's arguments: session, region, operation, profile, request, endpoint of SSM."""
    request = {"Target": f"ecs:{target.cluster}_{target.task}_{target.runtime_id}"}
    names = {"sessionId": "SessionId", "streamUrl": "StreamUrl", "tokenValue": "TokenValue"}
    plugin_session = {name: session[key] for key, name in names.items() if key in session}
    endpoint = f"https://ssm.{region}.{dns_suffix(region)}"
    return [PLUGIN, json.dumps(plugin_session), region, "StartSession", "", json.dumps(request), endpoint]
