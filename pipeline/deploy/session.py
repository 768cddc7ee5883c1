"""One run of Tandem against one environment: who we are there, and where state is kept."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.core import platform as runtimes
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.deploy.manifest import Release, Weights, tfvars
from pipeline.deploy.preflight.exit_code import Proof
from pipeline.deploy.store import Store
from pipeline.deploy.store.lock import Lease, held
from pipeline.images import platforms
from pipeline.images.bases.provide import Bases
from pipeline.images.builder import ImageBuilder
from pipeline.local.examples.repositories import with_examples
from pipeline.local.stack import Stack, docker_client
from pipeline.records.store import Records
from pipeline.terraform import roots as infra

LOCAL = "local"
WAIT = 1800.0  # seconds to wait for another run in the same environment


@dataclass
class Session:
    """A project, one of its environments, and the variables that lead Terraform and boto3 there."""

    project: Project
    environment: str
    environ: dict[str, str]

    @property
    def is_local(self) -> bool:
        return self.environment == LOCAL

    @property
    def stack(self) -> Stack:
        """The local stack of this project; names Docker objects in other environments as well."""
        return Stack.of(self.project)

    @property
    def url(self) -> str:
        """Where the site answers: the local stack on loopback, whatever its load balancer is called."""
        return self.stack.url if self.is_local else str(self.platform["url"])

    @property
    def state(self) -> Path:
        """What is kept on this machine for the environment."""
        return self.project.state / self.environment

    @property
    def records(self) -> Records:
        """The build records of this project, from every environment."""
        return Records(self.project.state / "records.sqlite")

    def builder(self, *, scenario: str = "", run: str = "", prefix: str = "") -> ImageBuilder:
        """Builds this environment's images; `prefix` leads to other repositories, apart from releases."""
        names = ("app", "static", "api", "monolith", "site")
        settings, client = self.project.settings, docker_client()
        platform = platforms.require(self.project, client, self.stack.id)
        if self.is_local:
            # Known before there is a platform, so that images are built while Terraform makes it.
            host = self.stack.registry_host
            repositories = {name: f"{host}/{settings.name}/{prefix}{name}" for name in names}
        else:
            repositories = dict(self.platform["repository_urls"])
        return ImageBuilder(
            project=self.project,
            repositories=repositories,
            bases=Bases.ensure(self.project, self.stack.id, architecture=platforms.wanted(self.project)),
            client=client,
            platform=platform,
            stack=self.stack.id,
            records=self.records,
            scenario=scenario,
            run=run,
        )

    @property
    def bake_seconds(self) -> int:
        """How long new tasks are watched here once they serve alone."""
        settings = self.project.settings
        place = settings.local if self.is_local else settings.environments[self.environment]
        return place.bake_seconds

    @property
    def proof(self) -> Proof:
        """Proves on this machine's Docker that data containers exit 0."""
        return Proof(self.project.state / "cache" / "proved", self.stack.id, docker_client)

    @property
    def platform_root(self) -> infra.Terraform:
        """The Terraform root that makes what releases run on."""
        return self.platform_with(None)

    def platform_with(self, api_shares: Mapping[str, int] | None) -> infra.Terraform:
        """The same, with the API's traffic shared as given; None: as the environment's values say."""
        host = self.stack.registry_host if self.is_local else None
        return infra.platform(self.project, self.environment, registry_host=host, api_shares=api_shares)

    @cached_property
    def platform(self) -> Mapping[str, Any]:
        """The platform root's outputs; TandemError before its first apply."""
        outputs = self.platform_root.output()
        if "repository_urls" not in outputs:
            raise TandemError(
                f"there is no platform in {self.environment} yet", hint=f"make apply ENV={self.environment}"
            )
        return outputs

    def forget(self) -> None:
        """The platform was changed: ask for its outputs again."""
        self.__dict__.pop("platform", None)

    @cached_property
    def store(self) -> Store:
        """The environment's releases: files on this machine for local, else the releases' bucket."""
        bucket = "" if self.is_local else str(self.platform["releases_bucket"])
        return Store.open(self.project, self.environment, bucket)

    @contextmanager
    def locked(self, why: str) -> Iterator[Lease]:
        """Hold the environment's lock, waiting for others; what those may have changed is asked for again."""
        with held(self.store.objects, why, wait=WAIT) as lease:
            if lease.waited:
                self.forget()
            yield lease

    def release_root(
        self, release: Release, weights: Weights | None = None, platform: Mapping[str, Any] | None = None
    ) -> infra.Terraform:
        """The Terraform root that runs `release` on the platform, its API's versions sharing by `weights`."""
        variables = tfvars(release, platform or runtimes.needed(self.platform), weights)
        return infra.release(self.project, self.environment, variables["platform"], variables["release"])


def open_session(project: Project, environment: str) -> Session:
    """Open `environment`; TandemError if tandem.toml does not name it, or the local stack is down.

    The process's own environment is changed as well: boto3 and git read it.
    """
    variables = _local(project) if environment == LOCAL else _remote(project, environment)
    os.environ.update(variables)
    if environment == LOCAL:
        project = with_examples(project)
    return Session(project, environment, {**os.environ})


def _local(project: Project) -> dict[str, str]:
    return Stack.of(project).environ()


def _remote(project: Project, environment: str) -> dict[str, str]:
    known = project.settings.environments
    if environment not in known:
        raise TandemError(
            f"no environment {environment!r}: tandem.toml names {', '.join([LOCAL, *sorted(known)])}",
            hint=f"add [environments.{environment}] to tandem.toml",
        )
    if os.environ.get("AWS_ENDPOINT_URL"):
        raise TandemError(
            f"AWS_ENDPOINT_URL is set, so {environment!r} would not be the real account",
            hint="unset AWS_ENDPOINT_URL",
        )
    region = known[environment].region
    return {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
