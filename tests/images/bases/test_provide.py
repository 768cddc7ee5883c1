"""Base images: recipes, archives, and the real thing."""

import shutil
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import docker
import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.images.bases import recipe
from pipeline.images.bases.debian_image import _pack, archived_image_id, mmdebstrap_command, write_archive
from pipeline.images.bases.provide import FOLDER, NAMES, Bases, known_tags
from pipeline.images.docker import docker_architecture
from pipeline.images.transfer import push_image
from tests.support.base_images import STACK, base, running_registry
from tests.support.containers import output
from tests.support.waiting import until


@pytest.fixture
def recipes():
    return recipe.read(FOLDER)


@pytest.fixture
def folder(tmp_path):
    """A copy of images/base that a test may change."""
    return Path(shutil.copytree(FOLDER, tmp_path / "base"))


def test_every_base_that_others_name_has_a_recipe(recipes):
    assert set(NAMES) == set(recipes.by_name)


def test_key_changes_with_what_the_base_is_made_from(recipes, folder):
    changed = recipe.read(folder)
    assert changed.key("registry") == recipes.key("registry")
    (folder / "registry" / "extra").write_text("x")
    assert changed.key("registry") != recipes.key("registry")
    assert changed.key("nginx") == recipes.key("nginx")


def test_key_changes_with_the_finishing_script(folder):
    before = recipe.read(folder).key("nginx")
    (folder / "finish.sh").write_text("#!/bin/sh\n")
    assert recipe.read(folder).key("nginx") != before


@pytest.mark.slow
def test_command_quotes_folders_with_spaces(recipes, tmp_path):
    command = mmdebstrap_command(recipes.by_name["nginx"], tmp_path / "a b", tmp_path / "layer.tar")
    hook = next(word for word in command if word.startswith("--extract-hook="))
    assert f"'{tmp_path}/a b/finish.sh' \"$1\" nginx:101" in hook


def test_same_layer_gives_the_same_image_id(recipes, tmp_path):
    layer = tmp_path / "layer.tar"
    with tarfile.open(layer, "w") as tar:
        tar.add(FOLDER / "finish.sh", "finish.sh")
    ids = set()
    for name in ("one.tar", "two.tar"):
        _pack(recipes.by_name["nginx"], layer, tmp_path / name, "amd64")
        ids.add(archived_image_id(tmp_path / name))
    assert len(ids) == 1


def test_torn_archive_is_named_with_a_hint(tmp_path):
    torn = tmp_path / "torn.tar"
    torn.write_bytes(b"not a tar")
    with pytest.raises(TandemError, match="not an image archive") as error:
        archived_image_id(torn)
    assert error.value.hint == f"rm {torn}"


def test_without_registry_and_root_the_image_to_pull_is_named(recipes, tmp_path, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(TandemError, match="needs root on Debian") as error:
        write_archive(recipes.by_name["nginx"], FOLDER, tmp_path / "x.tar", print)
    assert error.value.hint == "docker pull nginx:1.28-bookworm"
    assert not (tmp_path / "x.tar").exists()


@pytest.mark.docker
def test_base_is_there_and_found_again(tmp_path):
    project = Project(tmp_path, load(ROOT).settings)
    client = docker.from_env()
    tags = Bases.ensure(project, f"{STACK}-here", names=["busybox"])
    try:
        messages = []
        assert Bases.ensure(project, f"{STACK}-here", messages.append, names=["busybox"]) == tags
        assert messages == [], "the second time costs nothing"
        local_tags = known_tags(project, f"{STACK}-here", ["busybox", "nginx"], docker_architecture(client))
        assert local_tags == tags, "and nginx was never asked for"
        assert output(client, tags["busybox"], ["echo", "here"]) == b"here\n"
    finally:
        client.images.remove(tags["busybox"])


@pytest.mark.docker
def test_base_comes_back_from_the_cache_after_down(tmp_path):
    project = Project(tmp_path, load(ROOT).settings)
    client = docker.from_env()
    tags = Bases.ensure(project, f"{STACK}-again", names=["busybox"])
    client.images.remove(tags["busybox"])
    messages = []
    try:
        assert Bases.ensure(project, f"{STACK}-again", messages.append, names=["busybox"]) == tags
        assert not any("Debian" in line for line in messages)
    finally:
        client.images.remove(tags["busybox"])


@pytest.mark.docker
def test_interrupted_bootstrap_leaves_nothing(tmp_path):
    """Ctrl-C reaches mmdebstrap, though it runs in a session of its own."""
    code = (
        "import sys; from pathlib import Path;"
        "from pipeline.images.bases import debian_image, provide, recipe;"
        "python = recipe.read(provide.FOLDER).by_name['python'];"
        "debian_image.write_archive(python, provide.FOLDER, Path(sys.argv[1]), print)"
    )
    target = tmp_path / "cache" / "python.tar"
    process = subprocess.Popen([sys.executable, "-c", code, str(target)], cwd=ROOT, stderr=subprocess.PIPE)
    until(lambda: list(tmp_path.glob("cache/*/mmdebstrap*/usr/bin")))
    process.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in process.communicate(timeout=30)[1]
    assert list((tmp_path / "cache").iterdir()) == []
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in running


@pytest.fixture
def served(tmp_path, recipes):
    """Bases whose official busybox a registry serves, with their messages and the registry's container."""
    client = docker.from_env()
    messages = []
    with running_registry(client) as (host, container):
        image = push_image(client, base("busybox"), f"{host}/library/busybox")
        busybox = recipes.by_name["busybox"].model_copy(update={"official": str(image)})
        served = recipe.Recipes(FOLDER, {**recipes.by_name, "busybox": busybox})
        yield Bases(client, f"{STACK}-served", tmp_path, served, messages.append), messages, container
    client.close()


@pytest.mark.docker
def test_official_image_is_pulled_where_a_registry_answers(served):
    bases, messages, _ = served
    tag = bases.provide("busybox")
    official = bases.recipes.by_name["busybox"].official
    try:
        assert messages == [f"base busybox: pulling {official}"]
        assert bases.provide("busybox") == tag
        assert official not in bases.client.images.get(tag).attrs["RepoDigests"], "only our own tag stays"
    finally:
        bases.client.images.remove(tag)


@pytest.mark.docker
def test_registry_that_answers_no_more_is_no_obstacle(served):
    bases, messages, container = served
    container.stop(timeout=1)
    tag = bases.provide("busybox")
    bases.client.images.remove(tag)
    assert messages == ["base busybox: no registry answers, making it from Debian's packages"]
