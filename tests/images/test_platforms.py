"""Images for another processor are made where that is possible, and refused at once where it is not."""

import dataclasses
import tarfile
from pathlib import PurePosixPath

import docker
import pytest
from docker.errors import DockerException

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.core.values import Commit, Source
from pipeline.deploy import doctor as clinic
from pipeline.deploy.session import Session
from pipeline.git.command import git_text, run_git
from pipeline.images import platforms
from pipeline.images.bases import recipe
from pipeline.images.bases.apt import is_root_on_debian
from pipeline.images.bases.debian_image import _pack, archived_image_id, machine_architecture, write_archive
from pipeline.images.bases.provide import FOLDER, Bases
from pipeline.images.docker import docker_architecture
from pipeline.images.static import build_static
from pipeline.images.transfer import push_image
from pipeline.registry import connect
from tests.support.base_images import STACK, base, running_registry
from tests.support.containers import output

pytestmark = pytest.mark.docker
FAR = f"{STACK}-far"


@pytest.fixture(scope="module")
def client():
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture
def other(client):
    """The processor that Docker's is not, as ECS and as Docker name it."""
    own = client.version()["Arch"]
    return next(pair for pair in platforms.ARCHITECTURES.items() if pair[1] != own)


@pytest.fixture
def project(tmp_path, other):
    """A project whose images are for that, with content in a repository."""
    run_git("init", "--quiet", "-b", "main", str(tmp_path / "content"))
    (tmp_path / "content/index.html").write_text("hello")
    run_git("-C", str(tmp_path / "content"), "add", "--all")
    who = ("-c", "user.name=T", "-c", "user.email=t@localhost")
    run_git("-C", str(tmp_path / "content"), *who, "commit", "--quiet", "-m", "Begin")
    text = (ROOT / "tandem.toml").read_text().replace("examples/static", "content")
    (tmp_path / "tandem.toml").write_text(
        text.replace('# architecture = "X86_64"', f'architecture = "{other[0]}"')
    )
    return load(tmp_path)


@pytest.fixture
def far(client, tmp_path, other):
    """An image that says it is for that processor; nothing of it is run."""
    with tarfile.open(tmp_path / "layer.tar", "w") as tar:
        tar.add(FOLDER / "finish.sh", "finish.sh")
    _pack(recipe.read(FOLDER).by_name["busybox"], tmp_path / "layer.tar", tmp_path / "far.tar", other[1])
    with (tmp_path / "far.tar").open("rb") as stream:
        client.images.load(stream)
    image = client.images.get(archived_image_id(tmp_path / "far.tar"))
    image.tag(f"tandem-{FAR}/made", "latest")
    yield f"tandem-{FAR}/made:latest"
    client.images.remove(f"tandem-{FAR}/made:latest")


def runs(client, tag):
    try:
        return bool(output(client, tag, ["echo", "runs"]))
    except (AssertionError, DockerException):
        return False


def test_what_docker_cannot_run_is_refused_in_one_sentence(project, client, other):
    """Where it emulates the other processor, its images are built."""
    project = dataclasses.replace(project, root=ROOT)  # with its cache: a base takes seconds
    try:
        tag = Bases.ensure(project, FAR, names=["busybox"], architecture=other[1])["busybox"]
    except TandemError as error:
        pytest.skip(f"nothing here to try it with: {error.message}")
    try:
        if runs(client, tag):
            assert platforms.require(project, client, FAR) == f"linux/{other[1]}"
            return
        with pytest.raises(TandemError) as refused:
            platforms.require(project, client, FAR)
        assert refused.value.message.startswith(f"images for {other[0]} cannot be built here: Docker runs")
        assert "\n" not in refused.value.message
        assert "task.architecture" in refused.value.hint
    finally:
        client.images.remove(tag)


def test_it_is_refused_where_no_base_for_it_can_be_had(project, client, other, monkeypatch):
    def none(*_, **__):
        raise TandemError("no base image for busybox", hint="docker pull busybox")

    monkeypatch.setattr(Bases, "ensure", none)
    with pytest.raises(TandemError, match=f"images for {other[0]} cannot be built here: no base") as refused:
        platforms.require(project, client, FAR)
    assert refused.value.hint == "docker pull busybox"


def test_its_own_processor_needs_no_look(client, project, other):
    task = project.settings.task.model_copy(
        update={"architecture": next(name for name in platforms.ARCHITECTURES if name != other[0])}
    )
    own = Project(project.root, project.settings.model_copy(update={"task": task}))
    assert platforms.require(own, client, FAR) is None
    at = Session(own, "local", {})
    assert clinic._processor(at) == f"images are for {task.architecture}, as Docker here"
    assert not (project.state / "cache").exists()


def test_processors_go_by_one_name():
    """Some engines that speak Docker's API say it as the kernel does."""

    class Says:
        def __init__(self, name):
            self.version = lambda: {"Arch": name}

    assert {docker_architecture(Says(name)) for name in ("aarch64", "arm64")} == {"arm64"}
    assert {docker_architecture(Says(name)) for name in ("x86_64", "amd64")} == {"amd64"}


def test_applets_are_the_same_for_each_processor(tmp_path, other):
    """Its busybox cannot be asked for them."""
    if not is_root_on_debian():
        pytest.skip("bases are made from packages only as root on Debian")
    applets = []
    for architecture in (machine_architecture(), other[1]):
        archive, layer = tmp_path / f"{architecture}.tar", tmp_path / f"{architecture}-layer.tar"
        write_archive(recipe.read(FOLDER).by_name["busybox"], FOLDER, archive, print, architecture)
        with tarfile.open(archive) as image:
            name = next(name for name in image.getnames() if name.endswith("layer.tar"))
            layer.write_bytes(image.extractfile(name).read())
        with tarfile.open(layer) as tar:
            links = {PurePosixPath(member.name).name for member in tar if "busybox" in member.linkname}
        applets.append(links)
    assert applets[0] == applets[1]
    assert {"sh", "[", "wget"} <= applets[0]


def test_the_static_image_is_assembled_for_it_without_running_anything(project, client, far, other):
    commit = Commit(
        Source.STATIC, git_text("-C", str(project.root / "content"), "rev-parse", "HEAD"), "Begin"
    )
    with running_registry(client) as (host, _):
        repository = f"{host}/far/static"
        built = build_static(project, commit, repository, push_image(client, far, repository))
        registry = connect(host)
        assert registry.config(built.image)["architecture"] == other[1]
        assert registry.config(built.image)["config"]["Volumes"] == {"/srv/static": {}}


def test_what_the_user_has_by_the_official_name_stays_theirs(client, far, other, tmp_path):
    """It is pulled by that name for the other processor."""
    own, messages = client.images.get(base("busybox")), []
    with running_registry(client) as (host, _):
        official = f"{host}/library/busybox:1"
        assert client.images.get(far).tag(official)
        client.images.push(official)
        client.images.remove(official)
        own.tag(official)
        recipes = recipe.read(FOLDER)
        busybox = recipes.by_name["busybox"].model_copy(update={"official": official})
        recipes = dataclasses.replace(recipes, by_name={"busybox": busybox})
        tag = Bases(client, FAR, tmp_path, recipes, messages.append, other[1]).provide("busybox")
        assert client.images.get(official).id == own.id
        assert client.images.get(tag).attrs["Architecture"] == other[1]
        assert messages == [f"base busybox: pulling {official}"]
        client.images.remove(tag)
        client.images.remove(official)
