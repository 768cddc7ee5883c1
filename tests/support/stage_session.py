"""A session whose parts are played: the body of a verb runs in seconds, without Docker and Terraform."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.core import timeline
from pipeline.core.errors import TandemError
from pipeline.core.platform import Platform
from pipeline.core.settings import EnvironmentSettings, Project, Settings
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.deploy import ephemeral_storage, first_release
from pipeline.deploy import release as release_verb
from pipeline.deploy import rollback as rollback_verb
from pipeline.deploy.manifest import Release, Weights
from pipeline.deploy.rollout import AT_ONCE, Pace, Rollout
from pipeline.deploy.session import Session
from pipeline.terraform.runner import ResourceChange, TerraformPlan
from tests.support.aws_access import aws
from tests.support.example_releases import SETTINGS, commits, image
from tests.support.stage import Stage


@dataclass
class Played:
    """What a test decides about the parts of its session."""

    heads: dict[Source, str] = field(default_factory=lambda: dict.fromkeys(Source, "1"))
    """One digit that fills each source's commit id and image digest."""
    does_not_build: set[str] = field(default_factory=set)
    """Sources, or sources with a digit: `app`, `app 2`."""
    same_image: dict[str, str] = field(default_factory=dict)
    """The digit of the image for a source with a digit, where the commit changes no image."""
    unfit: dict[tuple[str, str], str] = field(default_factory=dict)
    """What a commit of the app requires and one of the content lacks, by their digits."""
    gates: EnvironmentSettings = field(default_factory=EnvironmentSettings)
    findings: list[str] = field(default_factory=list)
    before_apply: Callable[[Release, Weights], None] = lambda *_: None
    outputs: dict[str, Any] = field(default_factory=dict)
    planned: list[ResourceChange] = field(default_factory=list)
    built: list[str] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    """What caused each run that built, as its build records say it."""
    applied: list[Any] = field(default_factory=list)
    """Release numbers with weights, and the platform's shares, in order."""


class StageSession(Session):
    """`played` and the stage play sources, builder, checks and Terraform; store and rollout are real."""

    played: Played
    stage: Stage

    @classmethod
    def on(cls, stage: Stage, folder: Path) -> "StageSession":
        settings = SETTINGS.model_copy(
            update={
                "local": SETTINGS.local.model_copy(update={"bake_seconds": 0, "canary_seconds": 0}),
            }
        )
        session = cls(Project(folder, settings), "local", aws())
        session.stage, session.played = stage, Played()
        return session

    @property
    def platform(self) -> Platform:  # type: ignore[override]
        return self.stage.platform

    def forget_platform(self) -> None:
        """The stage's platform is always the newest."""

    def heads(self) -> Mapping[Source, Commit]:
        return {
            source: replace(commit, id=self.played.heads[source] * 40)
            for source, commit in commits().items()
            if source in self.project.settings.active_sources
        }

    def switch_api(self, *, on: bool) -> None:
        """Change `api.enabled` in tandem.toml, and apply the platform."""
        settings = self.project.settings
        api = settings.api.model_copy(update={"enabled": on})
        self.project = replace(self.project, settings=settings.model_copy(update={"api": api}))
        self.stage.switch_api(on=on)

    @property
    def gates(self) -> EnvironmentSettings:
        return self.played.gates

    def unmet(self, app: Commit, static: Commit) -> str:
        return self.played.unfit.get((app.id[0], static.id[0]), "")

    def images(self) -> Any:
        return super().images() if self.gates.follows else self.builder()

    def builder(self, **_: Any) -> Any:
        return SimpleNamespace(try_images=self._images, with_site=dict)

    def _images(
        self, heads: Mapping[Source, Commit], current: Mapping[str, ImageRef]
    ) -> dict[str, ImageRef | TandemError]:
        self.played.causes.append(timeline.why())
        images: dict[str, ImageRef | TandemError] = {}
        for source, commit in heads.items():
            name = source.value
            if {name, f"{name} {commit.id[0]}"} & self.played.does_not_build:
                images[name] = TandemError(f"cannot build {name}: the Dockerfile is broken")
                continue
            digit = commit.id[0]
            images[name] = image(name, self.played.same_image.get(f"{name} {digit}", digit))
            if current.get(name) != images[name]:
                self.played.built.append(name)
        return images

    @property
    def preflight(self) -> Any:
        return SimpleNamespace(require=self._require)

    def _require(self, _: Release, settings: Settings | None = None) -> None:
        del settings
        if self.played.findings:
            raise TandemError(f"the release cannot be applied: {', '.join(self.played.findings)}")

    @property
    def platform_root(self) -> Any:
        return self.platform_with(None)

    def platform_with(self, api_shares: Mapping[str, int] | None) -> Any:
        def apply() -> None:
            self.played.applied.append(api_shares)
            changed = {"api_shares": dict(api_shares or self.platform.api_split or {})}
            self.stage.platform = self.platform.model_copy(update=changed)

        return SimpleNamespace(apply=apply, output=self.platform.to_variables, plan=self._plan)

    def release_root(
        self, release: Release, weights: Weights | None = None, platform: Platform | None = None
    ) -> Any:
        def apply(replace: Sequence[str] = ()) -> None:
            shares = weights or Weights()
            self.played.before_apply(release, shares)
            self.played.applied.append((release.number, shares))
            target = platform or self.platform.with_planned()
            applied = self.stage.apply(release, shares, replace)
            on_tasks = "fargate" in target.runtimes
            self.played.outputs = {
                **applied.to_variables(),
                "function_name": applied.function_name if "lambda" in target.runtimes else None,
                "api_service_name": "shop-dev" if on_tasks else None,
                "api_task_definition_arn": applied.task_definition_arn if on_tasks else None,
            }

        def with_variables(**values: object) -> Any:
            def apply_without_autoscaling() -> None:
                assert values == {"autoscaling": None}
                self.stage.is_scaled = False
                apply()
                self.stage.is_scaled = True

            return SimpleNamespace(apply=apply_without_autoscaling)

        return SimpleNamespace(
            apply=apply, output=lambda: self.played.outputs, plan=self._plan, with_variables=with_variables
        )

    def _plan(self) -> TerraformPlan:
        by_hand = (ResourceChange(address, "updated in-place") for address in self.stage.differs())
        planned = (*self.played.planned, *by_hand)
        return TerraformPlan(bool(planned), "", planned)

    def rollout(
        self,
        release: Release,
        check: Callable[[], None],
        pace: Pace = AT_ONCE,
        platform: Platform | None = None,
    ) -> Rollout:
        """As it is, but nobody waits."""
        return replace(super().rollout(release, check, pace, platform), pause=lambda _: None, every=0)


def play_around(patch: pytest.MonkeyPatch) -> None:
    """Play what the verbs call beside their session: no registry is asked."""
    patch.setattr(ephemeral_storage, "needed", lambda *_: 0)
    patch.setattr(first_release, "release_root", lambda session, *_: session.platform_root)
    for module in (release_verb, rollback_verb):
        patch.setattr(module, "keep_images", lambda _: None)
    patch.setattr(release_verb, "compact_static_image", lambda *_: None)
    patch.setattr(release_verb, "read_ahead", lambda _: None)
    patch.setattr(rollback_verb, "with_bridges", lambda _, target: target)


@pytest.fixture
def session(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StageSession:
    """An environment in which nothing was released yet, and whose images no registry is asked about."""
    play_around(monkeypatch)
    return StageSession.on(stage, tmp_path)
