"""One run of Tandem in one environment: its parts, each created at its first use.

A verb gets a session and passes to its steps the parts that they need. A session does not write to
os.environ, so sessions of two environments work in one process.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from pipeline.aws.access import Aws
from pipeline.aws.endpoints import foreign_variable
from pipeline.core import timeline
from pipeline.core.errors import TandemError
from pipeline.core.platform import AppliedRelease, Platform
from pipeline.core.settings import LOCAL, Project
from pipeline.core.values import Commit, Source
from pipeline.deploy.environment import Environment, region_of
from pipeline.deploy.image_builder import IMAGES, make_builder
from pipeline.deploy.manifest import Release, Weights, to_variables
from pipeline.deploy.preflight import Preflight
from pipeline.deploy.preflight.exit_code import ExitCodeCheck
from pipeline.deploy.preflight.layer_entries import KeptEntries
from pipeline.deploy.promotion import PromotedImages
from pipeline.deploy.rollout import AT_ONCE, Pace, Rollout
from pipeline.deploy.rollout.apply import apply_release
from pipeline.deploy.store import Store
from pipeline.deploy.store.lock import Lease, held
from pipeline.git import requirements
from pipeline.git.heads import heads
from pipeline.images.builder import ImageBuilder
from pipeline.local.examples.repositories import with_examples
from pipeline.local.stack import Stack, docker_client
from pipeline.records.build_records import RecordSink
from pipeline.records.shared import SharedRecords, SharedSink
from pipeline.terraform import roots
from pipeline.terraform.root import TerraformRoot

WAIT = 1800.0  # seconds to wait for another run in the same environment


@dataclass
class Session(Environment):
    """One of a project's environments, and access to its AWS account."""

    aws: Aws
    began: float | None = None
    """The monotonic time at which the process began, if the first run of the session is its only purpose."""

    @property
    def url(self) -> str:
        """The URL of the site; for the local stack on loopback."""
        return self.stack.url if self.is_local else self.platform.url

    def heads(self) -> Mapping[Source, Commit]:
        """The commit at the head of each source; those of the environment that this one follows, if it does.

        Raises:
            TandemError: a repository cannot be read, or nothing runs in the environment that is followed.
        """
        return self.followed.commits if self.gates.follows else heads(self.project)

    @cached_property
    def followed(self) -> Release:
        """The current release of the environment that this one follows; TandemError if there is none."""
        name = self.gates.follows
        release = open_session(self.project, name).store.current()
        if release is None:
            raise TandemError(
                f"nothing runs in {name}, which {self.environment} follows",
                hint=f"tandem release --env {name}",
            )
        return release

    def unmet(self, app: Commit, static: Commit) -> str:
        """What the app's commit requires of the content and `static` lacks; empty if they fit.

        Raises:
            TandemError: a repository cannot be read.
        """
        return requirements.unmet(self.project, app, static)

    def images(self) -> ImageBuilder | PromotedImages:
        """What makes the images of a release: the builder, or those of the environment that is followed.

        Raises:
            TandemError: as `builder` and `followed` do.
        """
        if not self.gates.follows:
            return self.builder()
        return PromotedImages(self.followed, self.store.current(), self.platform.repository_urls)

    def builder(self, *, scenario: str = "", run: str = "", prefix: str = "") -> ImageBuilder:
        """The builder of this environment's images.

        With `prefix` images go to other repositories than those of releases, for measurements. `scenario` and
        `run` are recorded.

        Raises:
            TandemError: Docker cannot build for the architecture, or a base image is missing.
        """
        return make_builder(
            self.project,
            self.repositories(prefix),
            self._record_sink(),
            scenario=scenario,
            run=run,
        )

    def repositories(self, prefix: str = "") -> dict[str, str]:
        """The repository of each image, by the image's name; TandemError if the platform cannot be read."""
        if not self.is_local:
            return dict(self.platform.repository_urls)
        # These names need no platform outputs, so images are built while Terraform creates the platform.
        place = f"{self.stack.registry_host}/{self.project.settings.name}"
        return {name: f"{place}/{prefix}{name}" for name in IMAGES}

    def _record_sink(self) -> RecordSink:
        """What takes the records of builds: in an AWS account the table that all machines share, too."""
        if self.is_local or not self.platform.records_table:
            return self.records
        return SharedSink(self.records, self.shared_records)

    @property
    def shared_records(self) -> SharedRecords:
        """The records that all machines share.

        Raises:
            TandemError: the platform has no table for them.
        """
        if not self.platform.records_table:
            raise TandemError(
                f"the platform of {self.environment} has no table for records",
                hint=f"make apply ENV={self.environment}",
            )
        return SharedRecords(self.aws, self.platform.records_table)

    @property
    def preflight(self) -> Preflight:
        """The checks before a release; data containers run once on this machine's Docker."""
        cache = self.project.state / "cache"
        return Preflight(
            self.aws,
            self.platform,
            exit_code=ExitCodeCheck(cache / "proved", self.stack.id, docker_client),
            cache=KeptEntries(cache / "layers"),
        )

    @property
    def platform_root(self) -> TerraformRoot:
        """The Terraform root of the platform."""
        return self.platform_with(None)

    def platform_with(self, api_shares: Mapping[str, int] | None) -> TerraformRoot:
        """The same with these shares of the API's traffic; None: those of the environment's tfvars."""
        host = self.stack.registry_host if self.is_local else None
        return roots.platform(
            self.project, self.environment, self.aws, registry_host=host, api_shares=api_shares
        )

    @cached_property
    def platform(self) -> Platform:
        """The platform root's outputs; TandemError before its first apply."""
        outputs = self.platform_root.output()
        if "repository_urls" not in outputs:
            raise TandemError(
                f"there is no platform in {self.environment} yet", hint=f"make apply ENV={self.environment}"
            )
        return Platform.parse(outputs)

    def forget_platform(self) -> None:
        """Read the platform's outputs again at their next use: they may have changed."""
        self.__dict__.pop("platform", None)

    @cached_property
    def store(self) -> Store:
        """The environment's releases: in a folder for local, else in the platform's bucket."""
        if self.is_local:
            return Store.in_folder(self.state / "releases", self.environment)
        return Store.in_bucket(self.aws, self.platform.releases_bucket, self.environment)

    @contextmanager
    def locked(self, why: str) -> Iterator[Lease]:
        """Hold the environment's lock. If it is taken, wait for it, then re-read the platform's outputs.

        Raises:
            TandemError: another run holds the lock for longer than half an hour.
        """
        began = time.monotonic()
        with held(self.store.objects, why, wait=WAIT) as lease:
            timeline.add("lock", began, time.monotonic())
            if lease.waited:
                self.forget_platform()
            yield lease

    def release_root(
        self, release: Release, weights: Weights | None = None, platform: Platform | None = None
    ) -> TerraformRoot:
        """The Terraform root of `release`; `weights` share the API's traffic between two versions."""
        variables = to_variables(release, platform or self.platform.with_planned(), weights)
        return roots.release(
            self.project, self.environment, self.aws, variables["platform"], variables["release"]
        )

    def rollout(
        self,
        release: Release,
        check: Callable[[], None],
        pace: Pace = AT_ONCE,
        platform: Platform | None = None,
    ) -> Rollout:
        """The rollout of `release` by Terraform; `check` is called before each change and may raise."""
        target = platform or self.platform.with_planned()

        def apply(weights: Weights) -> AppliedRelease:
            return apply_release(self.aws, target, self.release_root(release, weights, target))

        # The local AWS has no limit of requests.
        return Rollout(self.aws, target, release, apply, pace, check, every=0.5 if self.is_local else 1.0)

    def applied(self, release: Release) -> AppliedRelease | None:
        """The release that Terraform applied last; None before the first apply."""
        outputs = self.release_root(release).output()
        return AppliedRelease.parse(outputs) if outputs else None


def open_session(project: Project, environment: str) -> Session:
    """Open `environment`.

    Raises:
        TandemError: tandem.toml does not name it, the local stack is down, or AWS_ENDPOINT_URL points to
            another AWS.
    """
    if environment == LOCAL:
        aws = Aws.from_environ(Stack.of(project).environ())
        aws.require_local()
        return Session(with_examples(project), environment, aws)
    region = region_of(project, environment)
    if variable := foreign_variable(os.environ):
        raise TandemError(
            f"{variable} is set, so {environment!r} would not be the real account", hint=f"unset {variable}"
        )
    return Session(project, environment, Aws(region))
