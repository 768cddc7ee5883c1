"""An environment that follows another runs its digests, and builds nothing."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline.cli.commands.promote import promote
from pipeline.core.errors import TandemError
from pipeline.core.settings import EnvironmentSettings
from pipeline.core.values import ImageRef, Layout, Source
from pipeline.deploy import promotion
from pipeline.deploy.hold import hold
from pipeline.deploy.release import release
from pipeline.deploy.session import Session
from tests.support.example_releases import image, make_release
from tests.support.pushes import running
from tests.support.stage_session import StageSession

Dev = Callable[..., None]


@pytest.fixture
def dev(session: StageSession, monkeypatch: pytest.MonkeyPatch) -> Dev:
    """Decides what dev runs, by one digit for each source; the session follows it from then on."""

    def runs(**digits: str) -> None:
        base = make_release("1")
        followed = replace(
            base,
            environment="dev",
            number=7,
            commits={
                source: replace(commit, id=digits.get(source.value, "1") * 40)
                for source, commit in base.commits.items()
            },
            images={name: image(name, digits.get(name, "1")) for name in ("app", "static", "api")},
        )
        session.__dict__["followed"] = followed
        session.played.gates = EnvironmentSettings(follows="dev")

    def copied(of: ImageRef, target: str) -> ImageRef:
        return ImageRef(target, of.digest)

    monkeypatch.setattr(promotion, "copy_image", copied)
    monkeypatch.setattr(StageSession, "heads", Session.heads)
    urls = {name: f"registry.prod/{name}" for name in ("app", "static", "api")}
    session.stage.platform = session.stage.platform.model_copy(update={"repository_urls": urls})
    return runs


def test_it_runs_the_digests_that_dev_runs_and_builds_nothing(session: StageSession, dev: Dev) -> None:
    dev(app="2")
    made = release(session, "promote").release
    assert session.played.built == []
    assert running(session) == {"app": "2", "static": "1", "api": "1"}
    assert made.images["app"] == ImageRef("registry.prod/app", image("app", "2").digest)


def test_dev_moves_on_and_it_follows(session: StageSession, dev: Dev) -> None:
    dev()
    release(session, "promote")
    dev(static="2")
    result = release(session, "promote")
    assert (result.is_new, running(session)["static"]) == (True, "2")
    assert not release(session, "again").is_new


def test_a_source_on_hold_keeps_its_image(session: StageSession, dev: Dev) -> None:
    dev()
    release(session, "promote")
    hold(session, Source.APP, "a sale")
    dev(app="2", static="2")
    result = release(session, "promote")
    assert running(session) == {"app": "1", "static": "2", "api": "1"}
    assert (result.held.keys(), dict(result.failed)) == ({Source.APP}, {}), "it is no failure"


@pytest.mark.parametrize(("static", "site"), [("2", "2"), ("1", "9")])
def test_the_joined_image_is_that_of_dev_unless_a_part_is_held(
    session: StageSession, dev: Dev, monkeypatch: pytest.MonkeyPatch, static: str, site: str
) -> None:
    dev(static="2")
    followed = session.followed
    images = {**followed.images, "site": image("site", "2")}
    followed = replace(followed, layout=Layout.FUSED, images=images)
    monkeypatch.setattr(promotion, "fuse", lambda *_: image("site", "9"))
    promoted = promotion.PromotedImages(followed, None, {"site": "registry.prod/site"})
    chosen = {"app": followed.images["app"], "static": image("static", static)}
    assert promoted.with_site(chosen)["site"].digest == image("site", site).digest


def test_a_commit_that_dev_never_ran_is_not_built(session: StageSession, dev: Dev) -> None:
    dev()
    images = promotion.PromotedImages(session.followed, None, {})
    commits = {source: replace(commit, id="9" * 40) for source, commit in session.followed.commits.items()}
    result = images.try_images(commits, {})["app"]
    assert isinstance(result, TandemError)
    assert (
        result.message == "dev does not run app 9999999999: nothing is built for an environment that follows"
    )


def test_a_registry_that_refuses_leaves_the_image_out(
    session: StageSession, dev: Dev, monkeypatch: pytest.MonkeyPatch
) -> None:
    dev()
    release(session, "promote")

    def refuse(of: ImageRef, _: str) -> ImageRef:
        raise TandemError(f"cannot read image {of}: 403")

    monkeypatch.setattr(promotion, "copy_image", refuse)
    dev(app="2")
    with pytest.raises(TandemError, match="cannot read image"):
        release(session, "promote")
    assert running(session)["app"] == "1"


def test_the_verb_names_the_release_that_it_promotes(
    session: StageSession, dev: Dev, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.cli.commands.promote.open_session", lambda *_: session)
    monkeypatch.setattr("pipeline.cli.commands.promote.open_project", lambda _: session.project)
    with pytest.raises(TandemError, match="prod follows no environment"):
        promote("prod")
    dev(app="2")
    promote("prod", why="checked")
    current = session.store.current()
    assert current is not None
    assert current.why == "promote release 7 of dev: checked"


def test_an_environment_in_which_nothing_runs_cannot_be_followed(
    session: StageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.played.gates = EnvironmentSettings(follows="dev")
    empty = StageSession(session.project, "dev", session.aws)
    monkeypatch.setattr("pipeline.deploy.session.open_session", lambda *_: empty)
    monkeypatch.setattr(StageSession, "store", session.store)
    with pytest.raises(TandemError, match="nothing runs in dev, which local follows"):
        _ = session.followed
