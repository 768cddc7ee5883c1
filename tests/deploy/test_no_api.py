"""A project without any API: neither source, image, function nor route is needed, and it can be switched."""

from dataclasses import replace
from typing import Any

import pytest

from pipeline.cli.commands.show import as_text
from pipeline.core.errors import TandemError
from pipeline.core.platform import FUNCTION, TASKS
from pipeline.core.settings import Project
from pipeline.core.values import Commit, Source
from pipeline.deploy import plan as plan_verb
from pipeline.deploy.account import runtimes
from pipeline.deploy.api_runtime import platform_with_traffic_held, shift_api_traffic
from pipeline.deploy.compose import compose
from pipeline.deploy.gc import find_garbage
from pipeline.deploy.hold import hold
from pipeline.deploy.live import drift, read_live
from pipeline.deploy.logs import streams_of
from pipeline.deploy.manifest import Release, Weights, to_variables
from pipeline.deploy.plan import plan
from pipeline.deploy.preflight import Preflight
from pipeline.deploy.preflight.load_balancer import settings_applied
from pipeline.deploy.release import release
from pipeline.deploy.rollback import rollback
from pipeline.deploy.run import find_released
from pipeline.deploy.smoke_test import facts
from pipeline.deploy.status import read_status
from pipeline.git import heads as heads_module
from pipeline.images.builder import images_of
from pipeline.terraform.roots import platform_variables
from tests.support.aws_access import aws
from tests.support.example_releases import PLATFORM, SETTINGS, commits, image, make_release
from tests.support.pushes import move_head
from tests.support.stage_session import StageSession

WITHOUT = SETTINGS.model_copy(update={"api": SETTINGS.api.model_copy(update={"enabled": False})})
OFF = PLATFORM.model_copy(update={"api_target_group_arns": {}, "api_split": {}, "api_shares": {}})


def composed() -> Release:
    sources = {source: commit for source, commit in commits().items() if source is not Source.API}
    return compose(
        WITHOUT, "dev", OFF, sources, {name: image(name, "a") for name in ("app", "static")}, why="a push"
    )


@pytest.fixture
def without(session: StageSession) -> StageSession:
    session.switch_api(on=False)
    return session


def test_it_is_released_pushed_and_rolled_back(without: StageSession) -> None:
    first = release(without, "first").release
    assert (first.api, first.images.keys(), first.commits.keys()) == (
        None,
        {"app", "static"},
        {Source.APP, Source.STATIC},
    )
    assert not release(without, "again").is_new
    move_head(without, Source.STATIC, "2")
    assert release(without, "a push").release.number == 2
    back = rollback(without, None, "a test")
    assert (back.restores, back.commits[Source.STATIC].id[0]) == (1, "1")
    assert [weights for _, weights in without.played.applied] == [Weights()] * 3


def test_tasks_that_fail_bring_back_what_ran(without: StageSession) -> None:
    release(without, "first")
    move_head(without, Source.APP, "2")
    without.stage.breaks.add(str(image("app", "2")))
    with pytest.raises(TandemError, match=r"release 1 .* runs again"):
        release(without, "a push")


def test_what_runs_does_not_differ_from_what_was_released(without: StageSession) -> None:
    current = release(without, "first").release
    assert "api" not in "\n".join(map(str, drift(current, read_live(without.aws, without.platform))))
    status = read_status(without.aws, "local", "http://x", without.platform, without.store, without.heads)
    assert status.to_dict()["api"] == {}
    assert not [line for line in status.lines() if line.startswith("api ")]
    assert "no API" in as_text(current, without.store)


def test_an_api_that_is_switched_off_leaves_with_the_next_release(session: StageSession) -> None:
    release(session, "first")
    session.switch_api(on=False)
    second = release(session, "without")
    assert (second.is_new, second.release.api) == (True, None)
    assert not session.stage._has_alias()
    assert not release(session, "again").is_new
    shift_api_traffic(session)


def test_an_api_that_is_switched_on_comes_with_the_next_release(without: StageSession) -> None:
    release(without, "first")
    without.switch_api(on=True)
    second = release(without, "with").release
    assert second.api
    assert without.stage.alias() == ("1", {})
    assert second.commits.keys() == set(Source)
    assert not release(without, "again").is_new


@pytest.mark.slow
def test_a_plan_shows_the_api_that_was_switched_on(
    without: StageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_verb.sources, "changed_subjects", lambda *_: ["a change"])
    release(without, "first")
    assert plan(without).is_empty
    without.switch_api(on=True)
    planned = plan(without)
    assert planned.builds == ("api",)
    assert [moved.source for moved in planned.moved] == [Source.API]


def test_a_source_that_is_not_released_cannot_be_held(without: StageSession) -> None:
    release(without, "first")
    with pytest.raises(TandemError, match="has no source api"):
        hold(without, Source.API, "a test")


def test_the_manifest_survives_json_and_terraform_gets_no_api() -> None:
    made = composed()
    assert Release.load(made.dump()) == made
    assert to_variables(made, OFF)["release"]["api"] is None


def test_an_image_of_an_api_is_no_part_of_it() -> None:
    images = {name: image(name, "a") for name in ("app", "static", "api")}
    made = compose(WITHOUT, "dev", OFF, commits(), images, why="a push")
    assert made.images.keys() == {"app", "static"}
    assert made.api is None


def test_only_two_heads_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    def head(_: Project, source: Source) -> Commit:
        assert source is not Source.API
        return commits()[source]

    monkeypatch.setattr(heads_module.sources, "head", head)
    assert heads_module.heads(Project(tmp_path, WITHOUT)).keys() == {Source.APP, Source.STATIC}


@pytest.mark.parametrize(
    ("layout", "images"),
    [("sidecar", ("app", "static")), ("fused", ("app", "static")), ("monolith", ("monolith",))],
)
def test_no_layout_builds_its_image(layout: str, images: tuple[str, ...]) -> None:
    values = {**WITHOUT.model_dump(), "task": {"layout": layout}}
    assert images_of(type(WITHOUT).model_validate(values)) == images


def test_terraform_is_told_by_the_settings() -> None:
    assert platform_variables(WITHOUT, "dev")["api_enabled"] is False
    assert platform_variables(SETTINGS, "dev")["api_enabled"] is True


def test_a_platform_without_an_api_has_no_runtime() -> None:
    assert (OFF.runtimes, OFF.with_planned().runtimes, OFF.with_traffic().runtimes) == (
        frozenset(),
        frozenset(),
        frozenset(),
    )
    assert OFF.is_settled
    assert PLATFORM.runtimes == {FUNCTION}, "older platforms have no such output"
    assert OFF.model_copy(update={"api_split": {"fargate": 100}}).with_planned().runtimes <= {TASKS}


def test_no_traffic_is_held_where_there_is_none(
    without: StageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Terraform refuses shares whose sum is 0."""
    held: list[Any] = []
    monkeypatch.setattr(StageSession, "platform_with", lambda _, shares: held.append(shares) or without)
    monkeypatch.setattr(
        StageSession,
        "platform_root",
        property(lambda _: type("Root", (), {"output": lambda _: {"api_shares": {}}})()),
    )
    platform_with_traffic_held(without)
    assert held == [None]


def test_checks_find_a_platform_that_is_not_what_the_release_needs() -> None:
    class Registry:
        def exists(self, *_: object) -> bool:
            return True

    on = PLATFORM.model_copy(update={"api_target_group_arns": {"lambda": "arn:1"}})
    checks = Preflight(aws_that_is_not_asked(), on, lambda _: Registry())._api(composed())  # type: ignore[arg-type, return-value]
    (finding,) = [each for check in checks.values() for each in check()]
    assert "the release has none, but the platform runs one" in str(finding)
    assert Preflight(aws_that_is_not_asked(), OFF)._api(composed()) == {}


def aws_that_is_not_asked() -> Any:
    return None


@pytest.mark.usefixtures("mocked_aws")
def test_checks_find_a_platform_that_was_not_applied_since_the_switch() -> None:
    (finding,) = settings_applied(aws(), OFF, SETTINGS, "dev")
    assert "sends nothing to the API, which tandem.toml has" in str(finding)
    assert "tandem apply --env dev" in str(finding)
    assert list(settings_applied(aws(), OFF, WITHOUT, "dev")) == []


def test_the_sites_checks_leave_out_the_api() -> None:
    assert facts(composed(), WITHOUT, "http://x", "")["api_path"] is None


def test_it_has_no_log_and_no_commands_of_an_api(without: StageSession) -> None:
    release(without, "first")
    with pytest.raises(TandemError, match="no container of api"):
        streams_of(without.platform, composed(), Source.API)
    with pytest.raises(TandemError, match="release 1 has no API"):
        find_released(without)


def test_garbage_is_found_without_a_function(without: StageSession) -> None:
    release(without, "first")
    assert find_garbage(without.aws, without.platform, without.store, 10) == []


def test_an_account_needs_no_room_for_it() -> None:
    values = {"api_split": {"fargate": 100}, "api_runtime": "fargate"}
    assert runtimes({**values, "api_enabled": False}) == set()
    assert runtimes({**values, "api_enabled": True}) == {"fargate"}


def test_a_release_with_an_api_is_rolled_back_to_without_it(session: StageSession) -> None:
    """The tasks go back; the platform has no place for the API."""
    release(session, "first")
    session.switch_api(on=False)
    move_head(session, Source.APP, "2")
    release(session, "without")
    back = rollback(session, 1, "a test")
    assert back.commits[Source.APP].id[0] == "1"
    assert session.store.current() == back
    assert not session.stage._has_alias()
    assert replace(back, number=1).api
    assert make_release().api
