"""The tables of `tandem.toml`.

The descriptions of the keys are the text of docs/reference/settings.md, which a test generates and compares.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

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


def about(description: str) -> Any:  # noqa: ANN401 - what Field() returns
    """The description of a key, for docs/reference/settings.md."""
    return Field(description=description)


class SettingTable(BaseModel):
    """Values that do not change; other keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSettings(SettingTable):
    """A git repository that images are built from."""

    repository: Annotated[
        Repository,
        about(
            "A git URL or a path. Locally, a folder of this project that is not a repository is an example: "
            "`make up` turns it into a repository under `.tandem/repos`."
        ),
    ]
    branch: Annotated[Branch, about("The branch whose head is released.")] = "main"
    path: Annotated[Inside, about("The folder within the repository to build from.")] = "."
    dockerfile: Annotated[
        Inside, about("A Dockerfile within `path`; empty: the one in `images/` of this project.")
    ] = ""
    target: Annotated[
        str,
        Field(pattern=r"^([A-Za-z][A-Za-z0-9_.-]{0,127})?$"),
        about("The stage of `dockerfile` to build, by its name; empty: the last one."),
    ] = ""


class Sources(SettingTable):
    """The three sources; without an API only two are read."""

    app: SourceSettings
    static: SourceSettings
    api: SourceSettings

    def __getitem__(self, source: Source) -> SourceSettings:
        settings: SourceSettings = getattr(self, source.value)
        return settings


class TaskSettings(SettingTable):
    """The ECS task that serves pages and content."""

    layout: Annotated[Layout, about("How app and content meet in a task.")] = Layout.SIDECAR
    cpu: Annotated[
        CpuUnits,
        about('ECS CPU units, or a text such as `"0.25 vCPU"`.'),
    ] = 256
    memory: Annotated[
        Mebibytes,
        about('MiB, or a text such as `"512 MB"`. Must be a size that Fargate offers for `cpu`.'),
    ] = 512
    architecture: Annotated[Literal["X86_64", "ARM64"], about("The processor that images are built for.")] = (
        "X86_64"
    )
    port: Annotated[Port, about("The port that nginx listens on.")] = 8080
    count: Annotated[int, Field(ge=0, le=100), about("How many tasks run.")] = 2
    health_path: Annotated[RequestPath, about("The path that health checks ask for; starts with `/`.")] = (
        "/healthz"
    )
    content_path: Annotated[
        Rooted, about("Where the content is mounted: the static image's VOLUME; starts with `/`.")
    ] = "/srv/static"
    read_only: Annotated[
        StrictBool,
        about(
            "Whether the app's root file system is read-only, with a volume for `/tmp`. `false` is for images"
            " that write elsewhere; the user stays 101."
        ),
    ] = True
    tmpfs: Annotated[
        Mebibytes,
        Field(ge=0),
        about(
            "MiB of the task's memory for the app's `/tmp`, or a text such as `\"64 MB\"`, below `memory`."
            " 0 leaves `/tmp` on the task's disk."
        ),
    ] = 0
    grace_seconds: Annotated[
        Seconds, about("For this long after a task's start, failed health checks do not count.")
    ] = 0
    environment: Environment = {}
    environment_files: EnvironmentFiles = ()
    secrets: Secrets = {}

    @model_validator(mode="after")
    def _leaves_memory_to_the_app(self) -> Self:
        if self.tmpfs >= self.memory:
            raise ValueError(f"tmpfs ({self.tmpfs} MiB) must be less than memory ({self.memory} MiB)")
        return self


class StaticSettings(SettingTable):
    """How the static image is built."""

    builder: Annotated[
        Literal["layers", "docker"],
        about("`layers`: from git's objects, in time proportional to the change. `docker`: a Dockerfile."),
    ] = "layers"
    bridge_releases: Annotated[
        int,
        Field(ge=0, le=100),
        about("Files of this many earlier releases stay in the image after the content dropped them."),
    ] = 3
    bridge_paths: Annotated[tuple[Text, ...], about("Patterns of the files that may stay.")] = ("**",)
    precompress: Annotated[
        tuple[Text, ...], about("Patterns of the files that get a `.gz` beside them for nginx.")
    ] = (*("*.css", "*.html", "*.js", "*.json", "*.map", "*.svg", "*.txt", "*.xml"),)


class ApiSettings(SettingTable):
    """The Lambda API."""

    enabled: Annotated[
        StrictBool,
        about(
            "Whether the project has an API. Without one it needs no `[sources.api]`, and the load balancer"
            " sends every path to the app."
        ),
    ] = True
    path: Annotated[
        Rooted, about("Requests for this path and everything below it go to the API; starts with `/`.")
    ] = "/api"
    handler: Annotated[
        str,
        Field(pattern=r"^([A-Za-z_][\w./-]*\.\w+)?$"),
        about(
            "Module and function that Lambda calls, in place of the image's command. Empty: the CMD of the"
            " API's own Dockerfile."
        ),
    ] = "main.handler"
    memory: Annotated[
        Mebibytes,
        Field(ge=128, le=10240),
        about('MiB, or a text such as `"512 MB"`.'),
    ] = 512
    timeout: Annotated[int, Field(ge=1, le=900), about("Seconds that a request may take.")] = 10
    reserved_concurrency: Annotated[
        int,
        Field(ge=0, le=1000),
        about(
            "How many requests run at once; Lambda throttles the others. 0 reserves none: the function shares"
            " the account's concurrency, and new accounts, which have 10 in all, can reserve none."
        ),
    ] = 0
    canary: Annotated[
        CanarySteps,
        about("Percent of the traffic for a new version, step by step; rises to 100."),
    ] = (10, 100)
    environment: Environment = {}
    environment_files: EnvironmentFiles = ()
    secrets: Secrets = {}


class LocalSettings(SettingTable):
    """The stack on this machine."""

    port: Annotated[Port, about("The port of the load balancer, on 127.0.0.1.")] = 8080
    bulk: Annotated[
        ByteCount,
        about('Bytes of generated content beside `examples/static`, or a text such as `"150 MB"`.'),
    ] = 150_000_000
    bake_seconds: Annotated[
        Seconds, about("How long healthy new tasks are watched for 5xx; 0: not at all.")
    ] = 3
    canary_seconds: Annotated[Seconds, about("How long each step of `api.canary` below 100 is watched.")] = 10


class EnvironmentSettings(SettingTable):
    """An AWS environment; NAME is what `--env` gets."""

    region: Annotated[str, Field(pattern=r"^[a-z]{2,4}(-[a-z]+)+-\d+$"), about("The AWS region.")] = (
        "eu-central-1"
    )
    account_id: Annotated[
        str,
        Field(pattern=r"^([0-9]{12})?$"),
        about("Commands refuse to work in any other account; empty: any."),
    ] = ""
    bake_seconds: Annotated[
        Seconds,
        about("How long healthy new tasks are watched for 5xx. CloudWatch's counts are 1-2 minutes late."),
    ] = 120
    canary_seconds: Annotated[
        Seconds,
        about(
            "How long each step of `api.canary` below 100 is watched. CloudWatch's counts are late here too."
        ),
    ] = 120
    approval: Annotated[bool, about("Whether each release waits for `tandem approve`.")] = False
    quiet_hours: Annotated[
        QuietHours,
        about(
            "Pushes wait during these hours, such as `22:00-06:00`; releases by hand and rollbacks do not."
        ),
    ] = ""
    follows: Annotated[
        str,
        Field(pattern=r"^(?:[a-z]|[a-z][a-z0-9-]{0,14}[a-z0-9])?$"),
        about("Release what this environment runs, by the same digests, instead of the sources' heads."),
    ] = ""
    timezone: Annotated[TimeZone, about("The time zone of `quiet_hours`, such as `Europe/Berlin`.")] = "UTC"
