"""Put a release into effect: the tasks watched, the API's traffic moved step by step."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline.aws import cloudwatch, lambda_alias
from pipeline.core import console, fault_points
from pipeline.core import platform as runtimes
from pipeline.core.errors import TandemError
from pipeline.deploy import live as running
from pipeline.deploy.manifest import Release, Weights
from pipeline.deploy.rollout import Rollout, rollout
from pipeline.deploy.rollout import function_probe as probe
from pipeline.deploy.rollout.bake import Oven

Apply = Callable[[Weights], Mapping[str, Any]]
"""Apply the release root with these weights, and give its outputs."""

_ALL = 100
_EVERY = 1.0  # seconds between two probes


@dataclass(frozen=True)
class Steps:
    """Percent of the API's traffic, step by step, and how long each below 100 is watched.

    `bake` is how many seconds new tasks are watched once they serve alone.
    """

    percents: tuple[int, ...] = (_ALL,)
    seconds: int = 0
    bake: int = 0


AT_ONCE = Steps()


@dataclass(frozen=True)
class Effect:
    """How a release is put into effect; `check` may stop it before each change (a lost lock)."""

    platform: Mapping[str, Any]
    apply: Apply
    check: Callable[[], None] = lambda: None
    pause: Callable[[float], None] = time.sleep
    every: float = 1.0

    def put(self, release: Release, steps: Steps = AT_ONCE) -> Rollout:
        """Make `release` what runs; TandemError says why it does not.

        The new version of the function gets traffic only after it has answered on its own and the new
        tasks serve. Where it then does not do well, its share is taken back before the error is raised.
        """
        api = probe.Api.of(self.platform, release.api.path)
        stable = lambda_alias.stable_version(api.function) if self._has_function else None
        # The same code needs no canary, and so no second apply.
        new = stable is None or running.function(api.function) != running.function_of(release)
        gradual = stable is not None and new and steps.percents[0] < _ALL
        with fault_points.step("apply"):
            outputs = self._apply(Weights(stable, 0) if gradual else Weights())
        version = str(outputs.get("function_version") or "")
        if version and new:
            with fault_points.step("probe"):
                self._require_well(api, version)
        with fault_points.step("watch"):
            result = self._watch(outputs)
        if steps.bake:
            with fault_points.step("bake"):
                Oven(self.platform, self.check, self.pause).bake(release, steps.bake)
        if gradual and version != stable:
            self._shift(api, version, str(stable), steps)
        return result

    @property
    def _has_function(self) -> bool:
        return runtimes.FUNCTION in runtimes.of(self.platform)

    def _watch(self, outputs: Mapping[str, Any]) -> Rollout:
        """The site's rollout, and that of the API where tasks run it; TandemError if either fails."""
        site, *api = runtimes.services(outputs).items()
        result = self._rolled(*site)
        for service in api:
            self._rolled(*service, name="API")
        return result

    def _rolled(self, service: str, revision: str, name: str = "") -> Rollout:
        result = rollout(
            str(self.platform["cluster_name"]),
            service,
            revision,
            every=self.every,
            pause=self.pause,
            check=self.check,
            name=name,
        )
        result.refuse()
        return result

    def _shift(self, api: probe.Api, version: str, stable: str, steps: Steps) -> None:
        before, began = cloudwatch.ringing_alarms(str(self.platform["name"])), datetime.now(UTC)
        for percent in steps.percents:
            console.info(f"   API: {percent} % of the traffic to version {version}")
            with fault_points.step("canary" if percent < _ALL else "all traffic"):
                self._apply(Weights(stable, percent) if percent < _ALL else Weights())
            if percent == _ALL:
                return
            try:
                self._observe(api, version, before, began, steps.seconds)
            except TandemError as error:
                console.info(f"   API: back to version {stable}")
                self._apply(Weights(stable, 0))
                raise TandemError(
                    f"{error.message}; it had {percent} % of the API's traffic, and has none now",
                    hint="fix the API and release again",
                ) from error

    def _observe(
        self, api: probe.Api, version: str, before: set[str], began: datetime, seconds: float
    ) -> None:
        """TandemError if the version fails while it is watched."""
        end = time.monotonic() + seconds
        while True:
            self.check()
            probe.ask(api, version, self.pause)
            probe.require_few_errors(api.function, version, began)
            ringing = cloudwatch.ringing_alarms(str(self.platform["name"])) - before
            if ringing:
                raise TandemError(f"alarms ring since the API's traffic moved: {', '.join(sorted(ringing))}")
            if time.monotonic() >= end:
                return
            self.pause(min(_EVERY, max(0.0, end - time.monotonic())))

    def _apply(self, weights: Weights) -> Mapping[str, Any]:
        self.check()
        return self.apply(weights)

    def _require_well(self, api: probe.Api, version: str) -> None:
        lambda_alias.wait_until_active(api.function, version, self.pause)
        probe.ask(api, version, self.pause)
