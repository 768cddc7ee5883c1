"""A measured task is what a release of its layout registers, and no part of the running stack."""

from dataclasses import replace

import pytest

from pipeline.core.settings import Settings
from pipeline.core.values import Digest, ImageRef, Layout
from pipeline.deploy.compose import compose
from pipeline.local.ecs.planner.task_definition import (
    Dependency,
    DependencyCondition,
    TaskDefinition,
    VolumesFrom,
)
from pipeline.local.measured_task import task_definition
from pipeline.local.measurement_context import MeasurementContext
from tests.support.example_releases import PLATFORM, commits

IMAGES = {
    name: ImageRef(f"127.0.0.1:5000/serving/{name}", Digest.parse("sha256:" + "1" * 64))
    for name in ("app", "static", "monolith", "site")
}


def settings(**task):
    sources = {name: {"repository": "x"} for name in ("app", "static", "api")}
    return Settings.model_validate({"sources": sources, "task": task})


def test_the_sidecar_mounts_the_static_image_after_it_succeeded():
    definition = task_definition(settings(), Layout.SIDECAR, IMAGES, "serving-sidecar")
    app = definition["app"]
    assert app.volumes_from == (VolumesFrom("static", read_only=True),)
    assert app.depends_on == (Dependency("static", DependencyCondition.SUCCESS),)
    assert app.read_only_root
    assert not definition["static"].essential


@pytest.mark.parametrize(("layout", "image"), [(Layout.MONOLITH, "monolith"), (Layout.FUSED, "site")])
def test_the_other_layouts_are_one_container(layout, image):
    definition = task_definition(settings(), layout, IMAGES, "x")
    assert [each.image for each in definition.containers] == [str(IMAGES[image])]


@pytest.mark.parametrize("layout", Layout)
def test_cpu_and_memory_are_those_of_the_settings_and_logs_stay_in_docker(layout):
    definition = task_definition(settings(cpu="0.5 vCPU", memory="1 GB", port=9090), layout, IMAGES, "x")
    assert (definition.cpu, definition.memory) == (512, 1024)
    assert {each.logs for each in definition.containers} == {None}
    assert definition["app"].ports == (9090,)


@pytest.mark.parametrize("layout", Layout)
def test_a_measured_task_is_the_one_that_a_release_registers(layout):
    task = {"cpu": "0.5 vCPU", "memory": "1 GB", "port": 9090, "tmpfs": 64, "environment": {"A": "b"}}
    task |= {"health_path": "/up", "content_path": "/srv/own", "layout": layout.value}
    released = compose(settings(**task), "dev", PLATFORM, commits(), {**IMAGES, "api": IMAGES["app"]}, why="")
    raw = {**released.task_definition, "taskDefinitionArn": "arn:x", "revision": 1, "family": "x"}
    for container in raw["containerDefinitions"]:
        del container["logConfiguration"]
    measured = task_definition(settings(**task), layout, IMAGES, "x")
    # No platform is needed to measure, so there is no role of one, and `TaskRoles` gives no keys.
    assert replace(measured, role=released.task_definition["taskRoleArn"]) == TaskDefinition.read(raw)


def test_a_measured_object_is_found_by_down_and_not_by_the_scheduler():
    context = MeasurementContext("abc", None, "net", "", None, "1", "r", None)  # type: ignore[arg-type]
    labels = context.labels("task", task="t1", service="s", container="app")
    assert labels["io.tandem.stack"] == "abc"
    assert labels["io.tandem.role"] == "measurement"
    assert "io.tandem.task" not in labels
    assert context.name("alb") == "tandem-abc-measurement-alb"
