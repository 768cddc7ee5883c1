"""The steps that put one release into effect; `deploy/release.py` calls them in order."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from pipeline.aws import lambda_alias
from pipeline.aws.access import Aws
from pipeline.core import timeline
from pipeline.core.errors import TandemError
from pipeline.core.platform import FUNCTION, AppliedRelease, Platform
from pipeline.core.steps import step
from pipeline.deploy import live
from pipeline.deploy.api_spec import ApiSpec
from pipeline.deploy.manifest import Release, Weights
from pipeline.deploy.rollout.bake import BakeMonitor
from pipeline.deploy.rollout.canary import ALL, Canary, Pace
from pipeline.deploy.rollout.ended_tasks import EndedTasks
from pipeline.deploy.rollout.probe import ApiTarget, invoke
from pipeline.deploy.rollout.warm_up import warm_up
from pipeline.deploy.rollout.watch import RolloutResult, watch_service
from pipeline.records.run_record import NEW_CONTENT

__all__ = ["ALL", "AT_ONCE", "ApplyWeights", "Pace", "Rollout"]

ApplyWeights = Callable[[Weights], AppliedRelease]
"""Applies the release root with these weights of the API's versions; returns its outputs."""

AT_ONCE = Pace(is_immediate=True)


@dataclass(frozen=True)
class Rollout:
    """The rollout of one release.

    `apply_weights` runs Terraform. `check` is called before each change and each reading, and raises if the
    lock was lost. `pause` waits for so many seconds; ECS is asked `every` so many seconds.
    """

    aws: Aws
    platform: Platform
    release: Release
    apply_weights: ApplyWeights
    pace: Pace = AT_ONCE
    check: Callable[[], None] = lambda: None
    pause: Callable[[float], None] = time.sleep
    every: float = 1.0

    def apply(self) -> AppliedRelease:
        """Apply the release root: a new task definition, a new version of the function.

        Unless the pace is immediate, a new version of the function gets no traffic yet.

        Raises:
            TandemError: Terraform fails, or the lock was lost.
        """
        weights = Weights(self._stable_version, 0) if self._is_gradual else Weights()
        with step("apply"):
            applied = self._apply(weights)
        timeline.mark(NEW_CONTENT)  # the steps that follow correct it where the content needs more than that
        return applied

    def probe(self, applied: AppliedRelease) -> None:
        """Invoke a new version of the function directly; TandemError if it fails."""
        version = applied.function_version
        if version and (self._is_new_function or not lambda_alias.is_active(self.aws, self._api.function)):
            with step("probe"):
                lambda_alias.wait_until_active(self.aws, self._api.function, version, self.pause)
                invoke(self.aws, self._api, version, self.pause)

    def watch(self, applied: AppliedRelease) -> RolloutResult:
        """Wait until ECS runs the released revisions: the site's, and the API's where tasks run it.

        Raises:
            TandemError: a service rolled back, failed, or did not finish in time.
        """
        with step("watch"):
            site, *api = applied.services.items()
            result = self._watch_service(*site)
            for service in api:
                self._watch_service(*service, name="API")
            return result

    def bake(self, applied: AppliedRelease) -> None:
        """Watch the new tasks; TandemError if they fail too many requests, or end."""
        if self.pace.bake:
            with step("bake"):
                site = next(iter(applied.services.items()))
                ended_tasks = EndedTasks(self.aws, self.platform.cluster_name, *site)
                monitor = BakeMonitor(self.aws, self.platform, self.check, self.pause, ended_tasks.reason)
                monitor.watch(self.release, self.pace.bake)

    def shift_api_traffic(self, applied: AppliedRelease) -> None:
        """Move the API's traffic to the new version in steps.

        Raises:
            TandemError: the version fails; the stable version has all traffic again.
        """
        version = applied.function_version
        if self._is_gradual and version and version != self._stable_version:
            canary = Canary(
                self.aws,
                self._api,
                self.platform.name,
                self._apply,
                self._warm,
                self.pace,
                self.check,
                self.pause,
            )
            canary.shift(version, str(self._stable_version))

    def confirm(self, applied: AppliedRelease) -> None:
        """Check that the alias serves the released image.

        If Terraform was cut off between the new code and its version, it finds no difference later, and
        Lambda publishes no version of unchanged code.

        Raises:
            TandemError: it serves another image.
        """
        if not applied.function_version:
            return
        served, image = live.read_function(self.aws, self._api.function).get("image"), self._spec.image
        if served != str(image):
            raise TandemError(
                f"the API does not run as released: the alias {lambda_alias.ALIAS} of {self._api.function} "
                f"serves {served or 'nothing'}, not {image}",
                hint="push a commit to the api: its new image makes Lambda publish a version again",
            )

    @cached_property
    def _api(self) -> ApiTarget:
        return ApiTarget.of(self.platform, self._spec.path)

    @property
    def _spec(self) -> ApiSpec:
        return self.release.require_api()

    @cached_property
    def _stable_version(self) -> str | None:
        """The version with the traffic before this release; None if there is no function."""
        if FUNCTION not in self.platform.runtimes:
            return None
        return lambda_alias.stable_version(self.aws, self._api.function)

    @cached_property
    def _is_new_function(self) -> bool:
        """Whether the release changes the function; an unchanged one needs no canary and no second apply."""
        if self._stable_version is None:
            return True
        expected = live.expected_function(self.release, self.platform.api_variables)
        return live.read_function(self.aws, self._api.function) != expected

    @cached_property
    def _is_gradual(self) -> bool:
        has_stable = self._stable_version is not None
        return has_stable and self._is_new_function and not self.pace.is_immediate

    def _warm(self, version: str) -> int:
        with step("warm"):
            return warm_up(self.aws, self._api, version, self._spec.reserved_concurrency)

    def _watch_service(self, service: str, revision: str, name: str = "") -> RolloutResult:
        result = watch_service(
            self.aws,
            self.platform.cluster_name,
            service,
            revision,
            every=self.every,
            pause=self.pause,
            check=self.check,
            name=name,
        )
        result.require_success()
        return result

    def _apply(self, weights: Weights) -> AppliedRelease:
        self.check()
        return self.apply_weights(weights)
