"""Read `tandem.toml`: text becomes values here, and nowhere else."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pipeline.core.errors import TandemError
from pipeline.core.values import Layout, Source

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(KB|MB|GB|KiB|MiB|GiB|B)", re.IGNORECASE)
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_ALL = 100  # percent
_ARN = re.compile(r"arn:aws[a-z-]*:(secretsmanager|ssm):[a-z0-9-]+:\d{12}:.+")


def _cpu_units(value: object) -> object:
    """ECS CPU units from `256`, `"256"` or `"0.25 vCPU"`."""
    if isinstance(value, str):
        number, _, unit = value.strip().partition(" ")
        return round(float(number) * 1024) if unit.strip().lower() == "vcpu" else int(number)
    return value


def _mebibytes(value: object) -> object:
    """MiB from `512`, `"512"`, `"512 MB"` or `"2 GB"` (ECS counts these by 1024)."""
    if isinstance(value, str):
        number, _, unit = value.strip().partition(" ")
        return round(float(number) * (1024 if unit.strip().upper() in {"GB", "GIB"} else 1))
    return value


def _bytes(value: object) -> object:
    """Bytes from `"150 MB"` or `"1.5 GiB"`."""
    if isinstance(value, str):
        match = _SIZE.fullmatch(value.strip())
        if not match:
            raise ValueError(f"{value!r} is no size; write it as 150 MB or 1.5 GiB")
        return int(float(match[1]) * _UNITS[match[2].lower()])
    return value


def _rooted(value: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", value):
        raise ValueError("must start with / and not end with it")
    return value


def _arn(value: str) -> str:
    if not _ARN.fullmatch(value):
        raise ValueError(
            "must be the ARN of a Secrets Manager secret or SSM parameter, never the value itself"
        )
    return value


def _rising_to_all(value: tuple[int, ...]) -> tuple[int, ...]:
    if not value or value[-1] != _ALL or list(value) != sorted(set(value)) or value[0] < 1:
        raise ValueError("must rise from at least 1 and end with 100")
    return value


Rooted = Annotated[str, AfterValidator(_rooted)]
Environment = dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], str]
Secrets = dict[
    Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], Annotated[str, AfterValidator(_arn)]
]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSettings(_Table):
    """Where one source comes from."""

    repository: Annotated[str, Field(min_length=1)]
    branch: Annotated[str, Field(min_length=1)] = "main"
    path: str = "."
    dockerfile: str = ""


class Sources(_Table):
    """The three sources."""

    app: SourceSettings
    static: SourceSettings
    api: SourceSettings

    def __getitem__(self, source: Source) -> SourceSettings:
        found: SourceSettings = getattr(self, source.value)
        return found


class TaskSettings(_Table):
    """The ECS task that serves pages and content."""

    layout: Layout = Layout.SIDECAR
    cpu: Annotated[int, BeforeValidator(_cpu_units)] = 256
    memory: Annotated[int, BeforeValidator(_mebibytes)] = 512
    architecture: Literal["X86_64", "ARM64"] = "X86_64"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    count: Annotated[int, Field(ge=0, le=100)] = 2
    health_path: Rooted = "/healthz"
    content_path: Rooted = "/srv/static"
    grace_seconds: Annotated[int, Field(ge=0, le=3600)] = 0
    environment: Environment = {}
    secrets: Secrets = {}


class StaticSettings(_Table):
    """How the static image is made."""

    builder: Literal["layers", "docker"] = "layers"
    bridge_releases: Annotated[int, Field(ge=0, le=100)] = 3
    bridge_paths: tuple[str, ...] = ("**",)
    precompress: tuple[str, ...] = (
        *("*.css", "*.html", "*.js", "*.json", "*.map", "*.svg", "*.txt", "*.xml"),
    )


class ApiSettings(_Table):
    """The Lambda API."""

    path: Rooted = "/api"
    handler: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*\.\w+$")] = "main.handler"
    memory: Annotated[int, BeforeValidator(_mebibytes), Field(ge=128, le=10240)] = 512
    timeout: Annotated[int, Field(ge=1, le=900)] = 10
    reserved_concurrency: Annotated[int, Field(ge=1, le=1000)] = 10
    canary: Annotated[tuple[int, ...], AfterValidator(_rising_to_all)] = (10, 100)
    canary_seconds: Annotated[int, Field(ge=0, le=3600)] = 10
    environment: Environment = {}
    secrets: Secrets = {}


class LocalSettings(_Table):
    """The stack on one machine."""

    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    bulk: Annotated[int, BeforeValidator(_bytes), Field(ge=0)] = 150_000_000
    bake_seconds: Annotated[int, Field(ge=0, le=3600)] = 3


class EnvironmentSettings(_Table):
    """One real AWS environment."""

    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")] = "eu-central-1"
    account_id: Annotated[str, Field(pattern=r"^(\d{12})?$")] = ""
    bake_seconds: Annotated[int, Field(ge=0, le=3600)] = 120


class Settings(_Table):
    """All of `tandem.toml`."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,18}[a-z0-9]$")] = "tandem"
    sources: Sources
    task: TaskSettings = TaskSettings()
    static: StaticSettings = StaticSettings()
    api: ApiSettings = ApiSettings()
    local: LocalSettings = LocalSettings()
    environments: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,15}$")], EnvironmentSettings] = {}


@dataclass(frozen=True)
class Project:
    """A folder with a `tandem.toml`: where settings live and where state is kept."""

    root: Path
    settings: Settings

    @property
    def state(self) -> Path:
        """Everything that Tandem keeps on this machine, safe to delete when the stack is down."""
        return self.root / ".tandem"


def _said(error: ValidationError, file: Path) -> str:
    lines = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            lines.append(f"{key}: no such key")
        elif problem["type"] == "missing" or "secrets" in problem["loc"]:
            # What stands there may be the secret itself: it is not repeated.
            lines.append(f"{key}: {problem['msg']}")
        else:
            lines.append(f"{key}: {problem['msg']}, not {problem['input']!r}")
    return f"{file}: " + "; ".join(lines)


def load(root: Path) -> Project:
    """Read `root/tandem.toml`; TandemError names file, key and what was expected."""
    file = root / "tandem.toml"
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise TandemError(
            f"cannot read {file}: {error.strerror}",
            hint="run in the folder with tandem.toml, or pass --project DIR",
        ) from error
    try:
        return Project(root.resolve(), Settings.model_validate(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise TandemError(f"{file} is not valid TOML: {error}") from error
    except ValidationError as error:
        raise TandemError(
            _said(error, file), hint=f"correct {file.name} and run the command again"
        ) from error
