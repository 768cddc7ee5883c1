"""Tasks of generated content have the project's sizes and the example's health check; no warm pull counts."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from pipeline.compare.builds import content_project
from pipeline.compare.start import plans
from pipeline.compare.start.trial import _paths, _require_cold, task_settings
from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.local.pull_log import TimedPull

OWN = {"cpu": 1024, "memory": 2048, "port": 9090, "content_path": "/srv/files", "health_path": "/up"}
MORE = {"environment": {"MODE": "x"}, "secrets": {"KEY": "arn:aws:ssm:eu-central-1:1:parameter/x"}}


def project(**task):
    loaded = load(ROOT)
    settings = loaded.settings
    own = settings.task.model_copy(update=task)
    return Project(loaded.root, settings.model_copy(update={"task": own}))


def test_tasks_of_generated_content_keep_what_their_images_are_built_with():
    task = task_settings(project(**OWN, **MORE), plans.default())
    assert (task.cpu, task.memory, task.port, task.content_path) == (1024, 2048, 9090, "/srv/files")
    assert task.health_path == "/healthz", "the example's, which has no other"
    assert (task.environment, task.secrets, task.read_only) == ({}, {}, True)


def test_tasks_of_the_users_own_sources_are_the_users():
    plan = plans.with_cells(plans.default(), ["own"], None)
    assert task_settings(project(**OWN), plan).health_path == "/up"
    assert _paths(task_settings(project(**OWN), plan), 0) == ["/up"]


@pytest.mark.parametrize("more", [MORE, {"environment_files": ("arn:aws:s3:::bucket/x.env",)}])
def test_own_tasks_that_need_secrets_are_refused(more):
    plan = plans.with_cells(plans.default(), ["own"], None)
    with pytest.raises(TandemError, match=r"cannot be started for a measurement: \[task\]"):
        task_settings(project(**more), plan)


def test_own_content_that_a_dockerfile_makes_is_measured_bloated_alone():
    own_project = project(**OWN)
    static = own_project.settings.sources.static.model_copy(update={"dockerfile": "Dockerfile"})
    sources = own_project.settings.sources.model_copy(update={"static": static})
    own_project = Project(own_project.root, own_project.settings.model_copy(update={"sources": sources}))
    with pytest.raises(TandemError, match="layers of content cannot be measured"):
        task_settings(own_project, plans.with_cells(plans.default(), ["own"], None))
    assert task_settings(own_project, plans.with_cells(plans.default(), ["own"], ["monolith"])).port == 9090


def test_own_content_is_measured_alone():
    plan = plans.with_cells(plans.default(), ["own", "80 MB"], None)
    with pytest.raises(TandemError, match="`own` is measured alone"):
        task_settings(project(), plan)


def test_the_load_asks_for_small_files_of_the_content():
    paths = _paths(project().settings.task, 1_000_000)
    assert paths[0] == "/"
    assert len(paths) == 9
    assert all(path.startswith("/static/bulk/") for path in paths[1:])


COLD = TimedPull("host/app", 0.0, 1.0, 2.0, arrived=frozenset({"a"}))


@pytest.mark.parametrize(
    "pulls",
    [
        [],
        [replace(COLD, present=frozenset({"b"}))],
        [COLD, replace(COLD, repository="host/static", arrived=frozenset())],
    ],
)
def test_a_start_from_a_store_that_has_layers_is_no_cold_one(pulls):
    stack = SimpleNamespace(pulls=SimpleNamespace(pulls=pulls))
    with pytest.raises(TandemError, match=r"had .* already, so this was no cold pull"):
        _require_cold(stack)


def test_a_start_that_pulls_everything_is_a_cold_one():
    _require_cold(SimpleNamespace(pulls=SimpleNamespace(pulls=[COLD, COLD])))


def test_content_without_room_on_the_disk_is_refused_with_a_smaller_start(monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1_000_000_000))
    with pytest.raises(TandemError, match="needs about 14 GB of disk") as caught:
        content_project(project(), "1 GB", tmp_path, "tandem compare start")
    assert caught.value.hint == 'tandem compare start --size "150 MB"'
