"""One environment of a project, as far as this machine knows it: settings, folders, the local stack."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.core.settings import LOCAL, EnvironmentSettings, LocalSettings, Project
from pipeline.local.stack import Stack
from pipeline.records.build_records import FILE, Records


@dataclass
class Environment:
    """A project, and the name of one of its environments."""

    project: Project
    environment: str

    @property
    def is_local(self) -> bool:
        return self.environment == LOCAL

    @property
    def stack(self) -> Stack:
        """The local stack of this project; its id also labels Docker objects of other environments."""
        return Stack.of(self.project)

    @property
    def state(self) -> Path:
        """The folder for the files of this environment on this machine."""
        return self.project.state / self.environment

    @property
    def records(self) -> Records:
        """The build records of this project, of all environments."""
        return Records(self.project.state / FILE)

    @property
    def bake_seconds(self) -> int:
        """For how many seconds new tasks are watched in this environment."""
        return self._settings.bake_seconds

    @property
    def canary_seconds(self) -> int:
        """For how many seconds a step of the API's traffic is watched in this environment."""
        return self._settings.canary_seconds

    @property
    def _settings(self) -> LocalSettings | EnvironmentSettings:
        settings = self.project.settings
        return settings.local if self.is_local else settings.environments[self.environment]

    @property
    def gates(self) -> EnvironmentSettings:
        """What must be so before a push is released: approval, quiet hours; nothing locally."""
        return (
            EnvironmentSettings() if self.is_local else self.project.settings.environments[self.environment]
        )


def region_of(project: Project, environment: str) -> str:
    """The AWS region of one of the environments in tandem.toml; TandemError if it is not there."""
    environments = project.settings.environments
    if environment not in environments:
        raise TandemError(
            f"no environment {environment!r}: tandem.toml names {', '.join([LOCAL, *sorted(environments)])}",
            hint=f"add [environments.{environment}] to tandem.toml",
        )
    return environments[environment].region
