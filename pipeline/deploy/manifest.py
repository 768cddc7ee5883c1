"""A release as a value: its images, commits and configuration, as a manifest and as Terraform variables."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from pipeline.core.errors import TandemError
from pipeline.core.json_text import damage, parse_json, require_number, require_text, typed
from pipeline.core.platform import Platform
from pipeline.core.trigger import Trigger
from pipeline.core.values import Commit, ImageRef, Layout, Source
from pipeline.deploy.api_spec import ApiSpec, texts

SCHEMA = 1
# Fields that do not change what runs. `storage_bytes` is derived from the images.
_CIRCUMSTANCES = (
    *("number", "replaces", "restores", "created", "author", "why", "triggers", "left_out"),
    "storage_bytes",
)


@dataclass(frozen=True)
class Weights:
    """Shares of the API's traffic: `canary_percent` to this release, the rest to `stable_version`."""

    stable_version: str | None = None
    canary_percent: int = 100


@dataclass(frozen=True)
class Release:
    """An immutable manifest of app, static and API; `api` is None if there is no API.

    `number` is 0 until the store assigns one. `images` has every image of the release by repository name
    (app, static, api, monolith, site). `task_definition` is the complete RegisterTaskDefinition request.
    `storage_bytes` are the bytes that a task stores on its disk. `replaces` is the number of the release
    before it, `restores` that of the release which a rollback repeats. `triggers` are the pushes that caused
    it.
    """

    environment: str
    layout: Layout
    commits: Mapping[Source, Commit]
    images: Mapping[str, ImageRef]
    task_definition: Mapping[str, Any]
    api: ApiSpec | None
    count: int
    grace_seconds: int = 0
    storage_bytes: int = 0
    number: int = 0
    replaces: int | None = None
    restores: int | None = None
    created: str = ""
    author: str = ""
    why: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)
    triggers: tuple[Trigger, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The manifest as JSON values."""
        return {
            "schema": SCHEMA,
            **asdict(self),
            "layout": self.layout.value,
            "commits": {
                source.value: {"id": commit.id, "subject": commit.subject}
                for source, commit in sorted(self.commits.items())
            },
            "images": {name: str(image) for name, image in sorted(self.images.items())},
            "api": {**asdict(self.api), "image": str(self.api.image)} if self.api else None,
            "triggers": [trigger.to_dict() for trigger in self.triggers],
        }

    def dump(self) -> bytes:
        """The manifest as bytes; equal releases have equal bytes."""
        return (json.dumps(self.to_dict(), indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()

    @classmethod
    def load(cls, text: bytes | str) -> Self:
        """Read the output of `dump`; TandemError for other schemas and damaged manifests."""
        try:
            data = parse_json(text)
            schema = require_number(data.pop("schema"))
            data.pop("nonce", None)  # the store's: it makes each write unique
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise TandemError(
                f"a release's manifest cannot be read: {damage(error)}", hint="tandem doctor"
            ) from error
        if schema != SCHEMA:
            raise TandemError(
                f"a release's manifest has schema {schema}; this Tandem reads {SCHEMA}", hint="update Tandem"
            )
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read the JSON values of a manifest; TandemError if they are damaged."""
        values: dict[str, Callable[[Any], object]] = {
            "layout": Layout,
            "commits": _commits,
            "images": lambda images: {name: ImageRef.parse(image) for name, image in images.items()},
            "api": lambda api: None if api is None else ApiSpec.read(api),
        }
        try:
            parsed = {name: parse(data[name]) for name, parse in values.items()}
            triggers = tuple(map(Trigger.load, data.get("triggers", ())))
            release = cls(**{**data, **parsed, "triggers": triggers})
            _require_types(release)
            release_variable(release, Weights())  # what Terraform gets must be in it
        except (ValueError, LookupError, AttributeError, TypeError, StopIteration, TandemError) as error:
            raise TandemError(
                f"a release's manifest is damaged: {damage(error)}", hint="tandem doctor"
            ) from error
        return release

    def content(self) -> dict[str, Any]:
        """The manifest without number, dates and reasons: releases with equal content are the same."""
        return {key: value for key, value in self.to_dict().items() if key not in _CIRCUMSTANCES}

    def runs_as(self, other: "Release") -> bool:
        """Whether both run the same images with the same settings; their commits may differ."""
        return {**self.content(), "commits": {}} == {**other.content(), "commits": {}}

    def require_api(self) -> ApiSpec:
        """The API; TandemError if the release has none."""
        if self.api is None:
            raise TandemError(
                f"release {self.number} has no API", hint="set enabled = true under [api] in tandem.toml"
            )
        return self.api

    def numbered(self, number: int) -> Self:
        """The same release with this number."""
        return replace(self, number=number)

    @property
    def title(self) -> str:
        """The number and commits of the release, for messages."""
        commits = " ".join(
            f"{source.value} {commit.short}" for source, commit in sorted(self.commits.items())
        )
        return f"release {self.number} ({commits})"


def _commits(values: Mapping[str, Any]) -> dict[Source, Commit]:
    return {
        Source(source): Commit(Source(source), require_text(commit["id"]), require_text(commit["subject"]))
        for source, commit in values.items()
    }


def _require_types(release: Release) -> None:
    """TypeError or ValueError if a plain field has another type than its declaration says."""
    plain = {
        field.name: getattr(release, field.name) for field in fields(Release) if field.type in {str, int}
    }
    typed(Release, plain, **{field.name: None for field in fields(Release) if field.name not in plain})
    for number in (release.replaces, release.restores):
        require_number(0 if number is None else number)
    texts(release.left_out)
    dict(release.task_definition)


def to_variables(release: Release, platform: Platform, weights: Weights | None = None) -> dict[str, Any]:
    """The variables of `terraform/release`: `platform` (its outputs) and `release`."""
    return {"platform": platform.to_variables(), "release": release_variable(release, weights or Weights())}


def release_variable(release: Release, weights: Weights) -> dict[str, Any]:
    """The variable `release` of `terraform/release`."""
    return {
        "number": release.number,
        "layout": release.layout.value,
        "commits": {source.value: commit.id for source, commit in sorted(release.commits.items())},
        "task": _task(release),
        "api": api_variable(release, weights),
    }


def _task(release: Release) -> dict[str, Any]:
    task = release.task_definition
    app = next(container for container in task["containerDefinitions"] if container["name"] == "app")
    return {
        "family": task["family"],
        "cpu": int(task["cpu"]),
        "memory": int(task["memory"]),
        "architecture": task["runtimePlatform"]["cpuArchitecture"],
        "ephemeral_storage_gib": task.get("ephemeralStorage", {}).get("sizeInGiB"),
        "storage_bytes": release.storage_bytes,
        "execution_role_arn": task["executionRoleArn"],
        "task_role_arn": task["taskRoleArn"],
        "container_definitions": json.dumps(task["containerDefinitions"], sort_keys=True),
        "volumes": [{"name": volume["name"]} for volume in task["volumes"]],
        "container": app["name"],
        "port": app["portMappings"][0]["containerPort"],
        "count": release.count,
        "grace_seconds": release.grace_seconds,
    }


def api_variable(release: Release, weights: Weights | None = None) -> dict[str, Any] | None:
    """The part `api` of the variable `release`; None without an API."""
    api = release.api
    if api is None:
        return None
    commit = release.commits.get(Source.API)
    # Lambda publishes a new version only if the configuration changes, so it contains the secrets' versions.
    versions = {f"{name}_VERSION": version for name, version in api.secret_versions.items()}
    return {
        "image": str(api.image),
        "description": f"api {commit.short}" if commit else "",
        "architecture": release.task_definition["runtimePlatform"]["cpuArchitecture"],
        "handler": api.handler or None,
        "memory": api.memory,
        "timeout": api.timeout,
        "reserved_concurrency": api.reserved_concurrency,
        "environment": {**api.environment, **versions},
        "environment_files": list(api.environment_files),
        "secrets": dict(api.secrets),
        "path": api.path,
        "weights": asdict(weights or Weights()),
    }
