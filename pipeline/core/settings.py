"""Read `tandem.toml` into frozen values.

The descriptions of the keys are the text of docs/reference/settings.md, which a test generates and compares.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError, model_validator

from pipeline.core.private_files import private_folder
from pipeline.core.setting_errors import describe, read_toml
from pipeline.core.setting_types import (
    Branch,
    ByteCount,
    CanarySteps,
    CpuUnits,
    Environment,
    EnvironmentFiles,
    Inside,
    Mebibytes,
    Port,
    QuietHours,
    Repository,
    RequestPath,
    Rooted,
    Seconds,
    Secrets,
    Text,
    TimeZone,
)
from pipeline.core.values import Layout, Source


def _about(description: str) -> Any:  # noqa: ANN401 - what Field() returns
    """The description of a key, for docs/reference/settings.md."""
    return Field(description=description)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


LOCAL = "local"
"""The environment on this machine: no table of tandem.toml names it."""


class SourceSettings(_Table):
    """A git repository that images are built from."""

    repository: Annotated[
        Repository,
        _about(
            "A git URL or a path. Locally, a folder of this project that is not a repository is an example: "
            "`make up` turns it into a repository under `.tandem/repos`."
        ),
    ]
    branch: Annotated[Branch, _about("The branch whose head is released.")] = "main"
    path: Annotated[Inside, _about("The folder within the repository to build from.")] = "."
    dockerfile: Annotated[
        Inside, _about("A Dockerfile within `path`; empty: the one in `images/` of this project.")
    ] = ""


class Sources(_Table):
    """The three sources; without an API only two are read."""

    app: SourceSettings
    static: SourceSettings
    api: SourceSettings

    def __getitem__(self, source: Source) -> SourceSettings:
        settings: SourceSettings = getattr(self, source.value)
        return settings


class TaskSettings(_Table):
    """The ECS task that serves pages and content."""

    layout: Annotated[Layout, _about("How app and content meet in a task.")] = Layout.SIDECAR
    cpu: Annotated[
        CpuUnits,
        _about('ECS CPU units, or a text such as `"0.25 vCPU"`.'),
    ] = 256
    memory: Annotated[
        Mebibytes,
        _about('MiB, or a text such as `"512 MB"`. Must be a size that Fargate offers for `cpu`.'),
    ] = 512
    architecture: Annotated[
        Literal["X86_64", "ARM64"], _about("The processor that images are built for.")
    ] = "X86_64"
    port: Annotated[Port, _about("The port that nginx listens on.")] = 8080
    count: Annotated[int, Field(ge=0, le=100), _about("How many tasks run.")] = 2
    health_path: Annotated[RequestPath, _about("The path that health checks ask for; starts with `/`.")] = (
        "/healthz"
    )
    content_path: Annotated[
        Rooted, _about("Where the content is mounted: the static image's VOLUME; starts with `/`.")
    ] = "/srv/static"
    read_only: Annotated[
        StrictBool,
        _about(
            "Whether the app's root file system is read-only, with a volume for `/tmp`. `false` is for images"
            " that write elsewhere; the user stays 101."
        ),
    ] = True
    tmpfs: Annotated[
        Mebibytes,
        Field(ge=0),
        _about(
            "MiB of the task's memory for the app's `/tmp`, or a text such as `\"64 MB\"`, below `memory`."
            " 0 leaves `/tmp` on the task's disk."
        ),
    ] = 0
    grace_seconds: Annotated[
        Seconds, _about("For this long after a task's start, failed health checks do not count.")
    ] = 0
    environment: Environment = {}
    environment_files: EnvironmentFiles = ()
    secrets: Secrets = {}

    @model_validator(mode="after")
    def _leaves_memory_to_the_app(self) -> Self:
        if self.tmpfs >= self.memory:
            raise ValueError(f"tmpfs ({self.tmpfs} MiB) must be less than memory ({self.memory} MiB)")
        return self


class StaticSettings(_Table):
    """How the static image is built."""

    builder: Annotated[
        Literal["layers", "docker"],
        _about("`layers`: from git's objects, in time proportional to the change. `docker`: a Dockerfile."),
    ] = "layers"
    bridge_releases: Annotated[
        int,
        Field(ge=0, le=100),
        _about("Files of this many earlier releases stay in the image after the content dropped them."),
    ] = 3
    bridge_paths: Annotated[tuple[Text, ...], _about("Patterns of the files that may stay.")] = ("**",)
    precompress: Annotated[
        tuple[Text, ...], _about("Patterns of the files that get a `.gz` beside them for nginx.")
    ] = (*("*.css", "*.html", "*.js", "*.json", "*.map", "*.svg", "*.txt", "*.xml"),)


class ApiSettings(_Table):
    """The Lambda API."""

    enabled: Annotated[
        StrictBool,
        _about(
            "Whether the project has an API. Without one it needs no `[sources.api]`, and the load balancer"
            " sends every path to the app."
        ),
    ] = True
    path: Annotated[
        Rooted, _about("Requests for this path and everything below it go to the API; starts with `/`.")
    ] = "/api"
    handler: Annotated[
        str, Field(pattern=r"^[A-Za-z_][\w.]*\.\w+$"), _about("Module and function that Lambda calls.")
    ] = "main.handler"
    memory: Annotated[
        Mebibytes,
        Field(ge=128, le=10240),
        _about('MiB, or a text such as `"512 MB"`.'),
    ] = 512
    timeout: Annotated[int, Field(ge=1, le=900), _about("Seconds that a request may take.")] = 10
    reserved_concurrency: Annotated[
        int,
        Field(ge=0, le=1000),
        _about(
            "How many requests run at once; Lambda throttles the others. 0 reserves none: the function shares"
            " the account's concurrency, and new accounts, which have 10 in all, can reserve none."
        ),
    ] = 0
    canary: Annotated[
        CanarySteps,
        _about("Percent of the traffic for a new version, step by step; rises to 100."),
    ] = (10, 100)
    canary_seconds: Annotated[Seconds, _about("How long each step below 100 is watched.")] = 10
    environment: Environment = {}
    environment_files: EnvironmentFiles = ()
    secrets: Secrets = {}


class LocalSettings(_Table):
    """The stack on this machine."""

    port: Annotated[Port, _about("The port of the load balancer, on 127.0.0.1.")] = 8080
    bulk: Annotated[
        ByteCount,
        _about('Bytes of generated content beside `examples/static`, or a text such as `"150 MB"`.'),
    ] = 150_000_000
    bake_seconds: Annotated[
        Seconds, _about("How long healthy new tasks are watched for 5xx; 0: not at all.")
    ] = 3


class EnvironmentSettings(_Table):
    """An AWS environment; NAME is what `--env` gets."""

    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$"), _about("The AWS region.")] = (
        "eu-central-1"
    )
    account_id: Annotated[
        str,
        Field(pattern=r"^([0-9]{12})?$"),
        _about("Commands refuse to work in any other account; empty: any."),
    ] = ""
    bake_seconds: Annotated[
        Seconds,
        _about("How long healthy new tasks are watched for 5xx. CloudWatch's counts are 1-2 minutes late."),
    ] = 120
    approval: Annotated[bool, _about("Whether each release waits for `tandem approve`.")] = False
    quiet_hours: Annotated[
        QuietHours,
        _about(
            "Pushes wait during these hours, such as `22:00-06:00`; releases by hand and rollbacks do not."
        ),
    ] = ""
    follows: Annotated[
        str,
        Field(pattern=r"^([a-z][a-z0-9-]{0,15})?$"),
        _about("Release what this environment runs, by the same digests, instead of the sources' heads."),
    ] = ""
    timezone: Annotated[TimeZone, _about("The time zone of `quiet_hours`, such as `Europe/Berlin`.")] = "UTC"


class Settings(_Table):
    """All of `tandem.toml`."""

    name: Annotated[
        str,
        Field(pattern=r"^[a-z][a-z0-9-]{1,18}[a-z0-9]$"),
        _about("The prefix of everything that Tandem creates."),
    ] = "tandem"
    sources: Sources
    task: TaskSettings = TaskSettings()
    static: StaticSettings = StaticSettings()
    api: ApiSettings = ApiSettings()
    local: LocalSettings = LocalSettings()
    environments: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,15}$")], EnvironmentSettings] = {}

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
