"""The body of `plan`: what a release would change, asked without changing anything."""

from collections.abc import Iterator

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.deploy.changes import RootChange
from pipeline.deploy.plan import plan, require_current
from pipeline.deploy.release import release
from pipeline.git import sources
from pipeline.terraform.runner import ResourceChange
from tests.support.stage_session import StageSession


@pytest.fixture(autouse=True)
def _subjects(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sources, "changed_subjects", lambda *_: ["Add a page"])
    return


def test_before_the_first_release_every_source_is_new(session: StageSession) -> None:
    changes = plan(session)
    assert {moved.source: moved.before for moved in changes.moved} == dict.fromkeys(Source, "")
    assert changes.fields == ()
    with pytest.raises(TandemError, match="nothing was released in local yet"):
        require_current(session)


def test_what_runs_as_released_has_an_empty_plan(session: StageSession) -> None:
    current = release(session, "first").release
    _as_terraform_leaves_it(session)
    assert plan(session).is_empty
    assert require_current(session) == current


def test_a_moved_source_is_named_and_nothing_is_built(session: StageSession) -> None:
    release(session, "first")
    _as_terraform_leaves_it(session)
    session.played.heads[Source.APP] = "2"
    session.played.built.clear()
    changes = plan(session)
    (moved,) = changes.moved
    assert (moved.source, moved.after, moved.subjects) == (Source.APP, "2" * 40, ("Add a page",))
    assert session.played.built == []
    assert session.store.numbers() == [1]


def test_both_roots_changes_are_shown_by_root(session: StageSession) -> None:
    release(session, "first")
    _as_terraform_leaves_it(session)
    session.played.planned = [ResourceChange("aws_ecs_cluster.this", "updated in-place")]
    assert plan(session).terraform == tuple(
        RootChange(root, "aws_ecs_cluster.this", "updated in-place") for root in ("platform", "release")
    )


def _as_terraform_leaves_it(session: StageSession) -> None:
    """The stage makes functions with Lambda's own sizes; Terraform would have given them the release's."""
    api, functions = session.project.settings.api, session.stage.functions
    functions.update_function_configuration(
        FunctionName="shop-dev-api", MemorySize=api.memory, Timeout=api.timeout
    )
    functions.put_function_concurrency(
        FunctionName="shop-dev-api", ReservedConcurrentExecutions=api.reserved_concurrency
    )
    version = functions.publish_version(FunctionName="shop-dev-api")["Version"]
    functions.update_alias(FunctionName="shop-dev-api", Name="live", FunctionVersion=version)
