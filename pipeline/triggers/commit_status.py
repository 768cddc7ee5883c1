"""The status of a commit at GitHub or GitLab: whether it is being released, was released, or failed.

A token is sent to its own service's host and to no other. A status that cannot be set never fails a release.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from pipeline.core import console
from pipeline.core.plain_text import without_credentials
from pipeline.core.settings import Project
from pipeline.core.trigger import Trigger
from pipeline.git.address import is_url, parse_address
from pipeline.git.place import split_place
from pipeline.git.printable_text import printable
from pipeline.triggers.queue import Ended, TriggerOutcome

GITHUB_TOKEN, GITLAB_TOKEN = "TANDEM_GITHUB_TOKEN", "TANDEM_GITLAB_TOKEN"
_SECONDS = 5.0
_LONGEST = 140  # characters of a description, at GitHub
_STATES = {None: "pending", TriggerOutcome.FAILED: "failure"}
_GITLAB_STATES = {"pending": "running", "failure": "failed", "success": "success"}


@dataclass(frozen=True)
class StatusRequest:
    """The request that sets the status of one commit."""

    url: str
    headers: Mapping[str, str]
    body: Mapping[str, str]


def set_status(project: Project, environment: str, trigger: Trigger, ended: Ended | None) -> None:
    """Set the status of the trigger's commit, where a token is given; None: its release begins."""
    request = status_request(project, environment, trigger, ended, os.environ)
    if request is None:
        return
    import httpx  # noqa: PLC0415 - only where a token is given

    try:
        with httpx.Client(timeout=_SECONDS, follow_redirects=False) as client:
            client.post(
                request.url, headers=dict(request.headers), json=dict(request.body)
            ).raise_for_status()
    except httpx.HTTPError as error:
        reason = printable(str(error).partition("\n")[0] or type(error).__name__, _LONGEST)
        console.info(f"   the status of {trigger.title} could not be set: {reason}", style="dim")


def status_request(
    project: Project,
    environment: str,
    trigger: Trigger,
    ended: Ended | None,
    environ: Mapping[str, str],
) -> StatusRequest | None:
    """The request for the status; None if no token is given for the host of the source's repository."""
    if trigger.source is None or not trigger.after:
        return None
    repository = project.settings.sources[trigger.source].repository
    if not is_url(repository):
        return None
    host, path = split_place(parse_address(repository).url)
    state, context = _STATES.get(ended.outcome if ended else None, "success"), f"tandem/{environment}"
    description = printable(without_credentials(_description(ended)).replace("\n", " "), _LONGEST - 1)
    if environ.get(GITHUB_TOKEN) and host == _host(environ, "GITHUB_SERVER_URL", "github.com"):
        api = "https://api.github.com" if host == "github.com" else f"https://{host}/api/v3"
        return StatusRequest(
            f"{api}/repos/{quote(path)}/statuses/{trigger.after}",
            {"Authorization": f"Bearer {environ[GITHUB_TOKEN]}", "Accept": "application/vnd.github+json"},
            {"state": state, "context": context, "description": description},
        )
    if environ.get(GITLAB_TOKEN) and host == _host(environ, "CI_SERVER_URL", "gitlab.com"):
        return StatusRequest(
            f"https://{host}/api/v4/projects/{quote(path, safe='')}/statuses/{trigger.after}",
            {"PRIVATE-TOKEN": environ[GITLAB_TOKEN]},
            {"state": _GITLAB_STATES[state], "name": context, "description": description},
        )
    return None


def _host(environ: Mapping[str, str], variable: str, default: str) -> str:
    """The service's host: that of the CI that runs this, or the public one."""
    return urlsplit(environ.get(variable, "")).hostname or default


def _description(ended: Ended | None) -> str:
    return str(ended) if ended else "its release begins"
