"""Read `tandem.toml` into frozen values."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from pipeline.core.private_files import private_folder
from pipeline.core.setting_errors import describe, read_toml
from pipeline.core.setting_tables import (
    ApiSettings,
    EnvironmentSettings,
    LocalSettings,
    Sources,
    SourceSettings,
    StaticSettings,
    Table,
    TaskSettings,
    about,
)
from pipeline.core.setting_types import ProjectName
from pipeline.core.values import Source

__all__ = [
    "LOCAL",
    "ApiSettings",
    "EnvironmentSettings",
    "LocalSettings",
    "Project",
    "Settings",
    "SourceSettings",
    "StaticSettings",
    "TaskSettings",
    "load",
]

LOCAL = "local"
"""The environment on this machine: no table of tandem.toml names it."""


class Settings(Table):
    """All of `tandem.toml`."""

    name: Annotated[
        ProjectName,
        about("The prefix of everything that Tandem creates."),
    ] = "tandem"
    sources: Sources
    task: TaskSettings = TaskSettings()
    static: StaticSettings = StaticSettings()
    api: ApiSettings = ApiSettings()
    local: LocalSettings = LocalSettings()
    environments: dict[
        Annotated[str, Field(pattern=r"^(?:[a-z]|[a-z][a-z0-9-]{0,14}[a-z0-9])$")], EnvironmentSettings
    ] = Field(default={})

    @model_validator(mode="before")
    @classmethod
    def _without_api(cls, values: Any) -> Any:  # noqa: ANN401 - what TOML holds
        """Without an API its source may be left out; it is never read."""
        match values:
            case {"api": {"enabled": False}, "sources": dict(sources)} if "api" not in sources:
                return {**values, "sources": {**sources, "api": {"repository": "none"}}}
        return values

    @property
    def api_secrets(self) -> Mapping[str, str]:
        """The secrets of the API; none without an API."""
        return self.api.secrets if self.api.enabled else {}

    @property
    def active_sources(self) -> tuple[Source, ...]:
        """The sources that releases are made of."""
        return tuple(source for source in Source if source is not Source.API or self.api.enabled)


@dataclass(frozen=True)
class Project:
    """A folder with a `tandem.toml`, and its parsed settings."""

    root: Path
    settings: Settings

    @property
    def state(self) -> Path:
        """Everything that Tandem stores on this machine; safe to delete while the stack is down."""
        return self.root / ".tandem"


def load(root: Path) -> Project:
    """Read `root/tandem.toml`, and make the project's state private to its owner.

    Raises:
        TandemError: the file is missing or invalid; the message names the key and what was expected.
    """
    file = root / "tandem.toml"
    try:
        project = Project(root.resolve(), Settings.model_validate(read_toml(file)))
    except ValidationError as error:
        raise describe(error, file) from error
    with suppress(OSError):  # who needs the folder meets the error again
        private_folder(project.state)
    return project
