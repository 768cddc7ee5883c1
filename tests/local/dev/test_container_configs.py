"""A dev site's app runs as a task's container does; only where its content and network are differs."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.core.paths import ROOT
from pipeline.core.settings import Settings, load
from pipeline.core.values import Layout
from pipeline.local.dev.container_configs import Mounted, VolumeOf, app_config, static_config
from pipeline.local.dev.site import without_value

TMP = "/tmp"  # noqa: S108 - a path in the container
LABELS = {"io.tandem.role": "dev"}


def settings(**task: Any) -> Settings:
    loaded = load(ROOT).settings
    return loaded.model_copy(update={"task": loaded.task.model_copy(update=task)})


def app(content: Any, **task: Any) -> dict[str, Any]:
    return app_config(settings(**task), "sha256:app", content, LABELS, (TMP,))


def test_it_is_confined_as_a_task_is():
    config = app(Mounted(Path("/content")), environment={"NAME": "value"})
    host = config["HostConfig"]
    assert (config["Image"], config["User"], config["Labels"]) == ("sha256:app", "101:101", LABELS)
    assert config["Env"] == ["NAME=value"]
    assert (host["ReadonlyRootfs"], host["CapDrop"]) == (True, ["ALL"])
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert (host["Memory"], host["NanoCpus"]) == (512 << 20, 250_000_000)


def test_the_work_tree_is_mounted_where_the_content_is_and_cannot_be_written():
    host = app(Mounted(Path("/content")), content_path="/usr/share/nginx/html")["HostConfig"]
    target = {"Target": "/usr/share/nginx/html", "ReadOnly": True}
    assert {"Type": "bind", "Source": "/content", **target} in host["Mounts"]
    assert host["VolumesFrom"] == []


def test_a_built_content_is_the_volume_of_the_static_image():
    host = app(VolumeOf("abc", "sha256:static"))["HostConfig"]
    assert host["VolumesFrom"] == ["abc:ro"]
    assert [mount["Type"] for mount in host["Mounts"]] == ["volume"]


def test_no_volume_outlives_its_container():
    mounts = app(VolumeOf("abc", "x"))["HostConfig"]["Mounts"]
    mounts += static_config(settings(), "s", LABELS, ("/srv/static",))["HostConfig"]["Mounts"]
    assert [(mount["Target"], "Source" in mount) for mount in mounts] == [
        (TMP, False),
        ("/srv/static", False),
    ]
    assert [mount["VolumeOptions"] for mount in mounts] == [{"NoCopy": False}, {"NoCopy": False}]


def test_the_static_image_fills_its_volume_without_a_network():
    config = static_config(settings(), "sha256:static", LABELS, ("/srv/static",))
    assert (config["Image"], config["HostConfig"]["NetworkMode"]) == ("sha256:static", "none")


@pytest.mark.parametrize("layout", [Layout.FUSED, Layout.MONOLITH])
def test_an_image_with_its_content_has_no_other(layout):
    host = app(None, layout=layout)["HostConfig"]
    assert (host["VolumesFrom"], [mount["Target"] for mount in host["Mounts"]]) == ([], [TMP])


@pytest.mark.parametrize("layout", list(Layout))
def test_a_work_tree_is_mounted_in_every_layout(layout):
    mounts = app(Mounted(Path("/content")), layout=layout)["HostConfig"]["Mounts"]
    assert [mount["Target"] for mount in mounts] == [TMP, "/srv/static"]


def test_secrets_and_environment_files_are_named_since_they_have_no_value():
    arns = {"PASSWORD": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"}
    with_api = settings(secrets=arns, environment_files=("arn:aws:s3:::files/app.env",))
    assert without_value(with_api) == ["PASSWORD", "arn:aws:s3:::files/app.env"]
    assert without_value(settings()) == []


def test_an_app_that_writes_may():
    host = app(Mounted(Path("/content")), read_only=False)["HostConfig"]
    assert host["ReadonlyRootfs"] is False
