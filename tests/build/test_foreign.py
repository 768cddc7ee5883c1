"""Images for another processor are made where that is possible, and refused at once where it is not."""

import docker
import pytest

from pipeline import git
from pipeline.build import foreign
from pipeline.build.bases import Bases
from pipeline.build.engine import push
from pipeline.build.static import build_static
from pipeline.errors import TandemError
from pipeline.registry import connect
from pipeline.settings import Project, load
from pipeline.values import Commit, Source
from tests.bases import ROOT, STACK, running_registry

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def client():
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture
def other(client):
    """The architecture that this machine has not, as ECS and as Docker name it."""
    own = client.version()["Arch"]
    return next(pair for pair in foreign.ARCHITECTURES.items() if pair[1] != own)


@pytest.fixture
def project(tmp_path, other):
    """A project whose images are for that, with content in a repository."""
    git.run("init", "--quiet", "-b", "main", str(tmp_path / "content"))
    (tmp_path / "content/index.html").write_text("hello")
    git.run("-C", str(tmp_path / "content"), "add", "--all")
    who = ("-c", "user.name=T", "-c", "user.email=t@localhost")
    git.run("-C", str(tmp_path / "content"), *who, "commit", "--quiet", "-m", "Begin")
    text = (ROOT / "tandem.toml").read_text().replace("examples/static", "content")
    (tmp_path / "tandem.toml").write_text(
        text.replace('# architecture = "X86_64"', f'architecture = "{other[0]}"')
    )
    loaded = load(tmp_path)
    yield loaded
    for tag in Bases.ensure(loaded, f"{STACK}-far", names=["busybox"], architecture=other[1]).values():
        docker.from_env().images.remove(tag)


def test_what_docker_cannot_run_is_refused_in_one_sentence(project, client, other):
    try:
        foreign.require(project, client, f"{STACK}-far")
    except TandemError as refused:
        assert f"images for {other[0]} cannot be built here" in refused.message
        assert "\n" not in refused.message
        assert "task.architecture" in refused.mend
    else:
        pytest.skip("this machine emulates the other processor")


def test_its_own_processor_needs_no_look(client):
    own = load(ROOT)
    if foreign.ARCHITECTURES[own.settings.task.architecture] == client.version()["Arch"]:
        assert foreign.platform(own, client) is None
        foreign.require(Project(ROOT, own.settings), client, f"{STACK}-own")


def test_the_static_image_is_assembled_for_it_without_running_anything(project, client, other):
    bases = Bases.ensure(project, f"{STACK}-far", names=["busybox"], architecture=other[1])
    commit = Commit(
        Source.STATIC, git.text("-C", str(project.root / "content"), "rev-parse", "HEAD"), "Begin"
    )
    with running_registry(client) as (host, _):
        repository = f"{host}/far/static"
        base = push(client, bases["busybox"], repository)
        built = build_static(project, commit, repository, base)
        registry = connect(host)
        assert registry.config(built.image)["architecture"] == other[1]
        assert registry.config(built.image)["config"]["Volumes"] == {"/srv/static": {}}
