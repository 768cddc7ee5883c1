"""Read `tandem.toml` into frozen values."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from pipeline.core.private_files import private_folder
from pipeline.core.setting_errors import ANY, describe, read_toml
from pipeline.core.setting_tables import (
    ApiSettings,
    EnvironmentSettings,
    LocalSettings,
    SettingTable,
    Sources,
    SourceSettings,
    StaticSettings,
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

_PARTS = ("-api", "-run")
"""What an environment adds to its name for roles and families of task definitions of its own."""


class Settings(SettingTable):
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

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        """What no table can see alone."""
        for name, environment in self.environments.items():
            if environment.follows and environment.follows not in {*self.environments, LOCAL} - {name}:
                raise ValueError(f"environments.{name}.follows must be another environment of this file")
        if LOCAL in self.environments:
            raise ValueError("environments.local is this machine, whose keys are under [local]")
        if self.sources.static.dockerfile and self.static.builder != "docker":
            raise ValueError('sources.static.dockerfile needs builder = "docker" under [static]')
        for source in self.active_sources:
            if self.sources[source].target and not self.sources[source].dockerfile:
                raise ValueError(f"sources.{source}.target needs a dockerfile under [sources.{source}]")
        if self.api.enabled and not self.api.handler and not self.sources.api.dockerfile:
            raise ValueError("an empty api.handler needs a dockerfile under [sources.api]")
        return self

    @field_validator("environments", mode="after")
    @classmethod
    def _names_of_their_own(
        cls, environments: dict[str, EnvironmentSettings]
    ) -> dict[str, EnvironmentSettings]:
        """No environment has the names that another one of its account gives its parts."""
        for name, suffix in product(environments, _PARTS):
            other = environments.get(f"{name}{suffix}")
            accounts = {environments[name].account_id, other.account_id} if other else set()
            if other and (len(accounts) == 1 or not all(accounts)):
                raise ValueError(
                    f"{name}{suffix} would have names that {name} gives its own roles and task definitions:"
                    " call it otherwise, or name the account_id of both if they are in two accounts"
                )
        return environments

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
        raise describe(error, file, [*_keys(Settings)]) from error
    with suppress(OSError):  # who needs the folder meets the error again
        private_folder(project.state)
    return project


def _keys(table: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """All keys of a table and of those in it, each with the tables that it is in."""
    for name, field in table.model_fields.items():
        yield (*path, name)
        of_dict = get_args(field.annotation)
        inner, steps = (of_dict[-1], (name, ANY)) if of_dict else (field.annotation, (name,))
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _keys(inner, (*path, *steps))
