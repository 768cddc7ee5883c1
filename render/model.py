"""Render a task's values into a complete RegisterTaskDefinition request."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

LayoutName = Literal["sidecar", "monolith", "fused"]

# The containers of each layout, and the image that each runs.
IMAGES: Mapping[str, Mapping[str, str]] = {
    "sidecar": {"app": "app", "static": "static"},
    "monolith": {"app": "monolith"},
    "fused": {"app": "site"},
}


@dataclass(frozen=True)
class Logs:
    """The log group in CloudWatch Logs that the containers write to."""

    group: str
    region: str


@dataclass(frozen=True)
class RenderInput:
    """All values that a task definition depends on; the templates see nothing else.

    `images` maps the names in `IMAGES` to `repository@sha256:…`; `environment_files` are ARNs of objects in
    S3. `secrets` maps variable names to ARNs, and `secret_versions` to the versions these had, so that a
    changed secret gives a changed task definition.
    """

    family: str
    layout: LayoutName
    images: Mapping[str, str]
    cpu: int
    memory: int
    architecture: str
    port: int
    health_path: str
    content_path: str
    execution_role_arn: str
    task_role_arn: str
    logs: Logs
    environment: Mapping[str, str] = field(default_factory=dict)
    environment_files: Sequence[str] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    secret_versions: Mapping[str, str] = field(default_factory=dict)
    ephemeral_storage_gib: int | None = None
    read_only: bool = True
    """Whether the app's root file system is; /tmp is a volume then."""
    tmpfs: int = 0
    """MiB of memory that `/tmp` may take; 0 leaves it on the task's disk."""

    @property
    def has_tmp_volume(self) -> bool:
        """Whether `/tmp` is a volume of the task."""
        return self.read_only and not self.tmpfs


def render(task: RenderInput) -> dict[str, Any]:
    """The RegisterTaskDefinition request for `task`; the same input gives the same request.

    Raises:
        KeyError: `task.images` lacks an image that the layout runs.

    """
    images = {container: task.images[image] for container, image in IMAGES[task.layout].items()}
    text = _templates().get_template(f"{task.layout}.json.j2").render(task=task, images=images)
    request: dict[str, Any] = json.loads(text)
    return request


def dump(task_definition: Mapping[str, Any]) -> str:
    """Canonical JSON: sorted keys, two spaces, one newline at the end."""
    return json.dumps(task_definition, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@cache
def _templates() -> Environment:
    # JSON, not HTML: every value goes through `tojson`, and the text is parsed before it is returned.
    environment = Environment(loader=PackageLoader("render"), undefined=StrictUndefined, trim_blocks=True)  # noqa: S701
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": False}
    return environment
