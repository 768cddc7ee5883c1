"""Building and pushing with a real Docker Engine and a real registry."""

import subprocess
import uuid
from contextlib import suppress

import docker
import pytest
from docker.errors import NotFound

from pipeline.core.errors import TandemError
from pipeline.images.docker import _image_id, build_image
from pipeline.images.transfer import push_image
from pipeline.local import dockerd
from pipeline.registry import connect
from tests.support.base_images import base, running_registry
from tests.support.containers import output
from tests.support.dockerd import daemon_apart, needs_dockerd

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def client():
    docker_client = docker.from_env(timeout=120)
    yield docker_client
    docker_client.close()


@pytest.fixture
def tag(client):
    name = f"tandem-imgtest/engine:{uuid.uuid4().hex[:8]}"
    yield name
    if _image_id(client, name):
        client.images.remove(name)


@pytest.fixture(scope="module")
def busybox():
    return base("busybox")


@pytest.fixture
def registry(client):
    """Host and container of a registry of this test's own."""
    with running_registry(client) as host_and_container:
        yield host_and_container


def context(folder, *lines):
    (folder / "Dockerfile").write_text("\n".join(["ARG BASE", "FROM ${BASE}", *lines, ""]))
    return folder, folder / "Dockerfile"


def build(client, tag, where, busybox, **more):
    messages = []
    built = build_image(client, *where, {"BASE": busybox}, tag, progress=messages.append, **more)
    return built, messages


def _with_variable(client, variable):
    """Containers, and images without a name, that have it; what another process removes meanwhile has not."""
    api = client.api
    for inspect, objects in (
        (api.inspect_container, api.containers(all=True)),
        (api.inspect_image, api.images(all=True, filters={"dangling": True})),
    ):
        for each in objects:
            with suppress(NotFound):
                if variable in (inspect(each["Id"])["Config"]["Env"] or []):
                    yield each["Id"]


def test_steps_are_timed_and_told(client, tag, busybox, tmp_path):
    where = context(tmp_path, f"ENV TAG={tag}", "RUN sleep 0.3", 'CMD ["true"]')
    built, messages = build(client, tag, where, busybox)
    assert [line.split()[0] for line in messages] == [f"{number}/5" for number in range(1, 6)]
    slept = next(step for step in built.steps if "sleep" in step.name)
    assert 0.3 <= slept.seconds <= built.seconds
    assert built.image_id == client.images.get(tag).id
    assert built.bytes > 1_000_000
    assert built.cached == 0


def test_second_build_comes_from_the_cache_unless_told_otherwise(client, tag, busybox, tmp_path):
    where = context(tmp_path, f"ENV TAG={tag}", "RUN true")
    first, _ = build(client, tag, where, busybox)
    again, _ = build(client, tag, where, busybox)
    assert (again.image_id, again.cached) == (first.image_id, 2)
    uncached, _ = build(client, tag, where, busybox, cache=False)
    assert uncached.cached == 0
    assert not _image_id(client, first.image_id), "what the tag named before is gone"


def test_failure_names_the_step_and_its_last_lines(client, tag, busybox, tmp_path):
    where = context(
        tmp_path, f"ENV TAG={tag}", "RUN echo all is well && echo port is no number >&2 && exit 3"
    )
    with pytest.raises(TandemError) as error:
        build(client, tag, where, busybox)
    assert "step 4/4 RUN echo all is well" in error.value.message
    assert "port is no number" in error.value.message
    assert "returned a non-zero code: 3" in error.value.message
    assert not _image_id(client, tag)
    assert not [*_with_variable(client, f"TAG={tag}")]


def test_missing_dockerfile_is_named(client, tag, tmp_path):
    with pytest.raises(TandemError, match=f"there is no Dockerfile {tmp_path}/Dockerfile"):
        build_image(client, tmp_path, tmp_path / "Dockerfile", {}, tag)


def test_file_that_is_copied_but_missing_is_named(client, tag, busybox, tmp_path):
    with pytest.raises(TandemError, match=r"step 3/3 COPY nginx.conf /x failed: .*nginx.conf"):
        build(client, tag, context(tmp_path, "COPY nginx.conf /x"), busybox)


STAGES = ("COPY page /page", "FROM ${BASE} AS late", "RUN echo late >/page")


def test_the_chosen_stage_is_built_and_none_below_it(client, tag, busybox, tmp_path):
    (tmp_path / "page").write_text("early")
    where = context(tmp_path, *STAGES)
    where[1].write_text(where[1].read_text().replace("FROM ${BASE}", "FROM ${BASE} AS Early", 1))
    for target, count, page in (("", 5, b"late"), ("early", 3, b"early"), ("late", 5, b"late")):
        _, messages = build(client, tag, where, busybox, target=target)
        assert (len(messages), output(client, tag, ["cat", "/page"]).strip()) == (count, page)


@pytest.mark.parametrize("target", ["none", "1"])
def test_docker_knows_no_other_stages_than_we_do(client, tag, busybox, tmp_path, target):
    """The classic builder takes no stage by its number."""
    with pytest.raises(TandemError, match=f"failed to reach build target {target} in Dockerfile"):
        build(client, tag, context(tmp_path, *STAGES), busybox, target=target)


def test_missing_base_is_named(client, tag, tmp_path):
    with pytest.raises(TandemError, match=r"step 2/2 FROM .* failed"):
        build(client, tag, context(tmp_path), "tandem-imgtest/none:none")


def test_dockerfile_may_lie_elsewhere(client, tag, busybox, tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "page").write_text("here")
    _, dockerfile = context(tmp_path, "COPY page /page")
    build_image(client, tmp_path / "source", dockerfile, {"BASE": busybox}, tag, progress=print)
    assert output(client, tag, ["cat", "/page"]) == b"here"


def test_no_pattern_of_dockerignore_keeps_the_build_busy(client, tag, busybox, tmp_path):
    (tmp_path / "source" / ("a" * 100)).mkdir(parents=True)
    (tmp_path / "source" / ".dockerignore").write_text("**/" * 30 + "x\n" + "a*" * 30 + "x\n*.psd\n")
    (tmp_path / "source" / "notes.psd").touch()
    (tmp_path / "source" / ("a" * 100) / "x").touch()
    _, dockerfile = context(tmp_path, "COPY . /all")
    for _ in range(2):
        built = build_image(client, tmp_path / "source", dockerfile, {"BASE": busybox}, tag, progress=print)
    assert output(client, tag, ["find", "/all"]).split() == [b"/all", b"/all/" + b"a" * 100]
    assert not built.not_cached


@needs_dockerd
def test_full_disk_is_called_a_full_disk(tag, busybox, tmp_path, monkeypatch, client):
    """A real engine whose disk is 24 MB: 20 MB of content fit, their layer does not."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(disk)], check=True)
    try:
        with daemon_apart(monkeypatch, disk) as daemon:
            dockerd.ensure(print, daemon)
            small = docker.DockerClient(base_url=daemon.url, timeout=60)
            small.images.load(b"".join(client.images.get(busybox).save(named=True)))
            (tmp_path / "source").mkdir()
            where = context(tmp_path / "source", "COPY big /big")
            (tmp_path / "source" / "big").write_bytes(bytes(20_000_000))
            only = client.images.get(busybox).id
            with pytest.raises(TandemError, match="the disk is full at step") as error:
                build(small, tag, where, only)
            assert "docker system df" in error.value.hint
            assert not _image_id(small, tag)
            (tmp_path / "source" / "big").write_bytes(bytes(1000))
            build(small, tag, where, only)
            small.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_pushed_image_is_named_by_digest_and_tagged_nowhere_else(client, tag, busybox, registry, tmp_path):
    build(client, tag, context(tmp_path, f"ENV TAG={tag}"), busybox)
    host, _ = registry
    image = push_image(client, tag, f"{host}/tandem/app")
    assert connect(host).resolve("tandem/app", str(image.digest)).digest == image.digest
    assert push_image(client, tag, f"{host}/tandem/app") == image, "the second push changes nothing"
    assert client.images.get(tag).tags == [tag]


def test_registry_that_is_gone_is_named_after_trying_again(client, busybox, registry):
    host, container = registry
    container.stop(timeout=1)
    messages = []
    with pytest.raises(TandemError, match=f"cannot push to {host}/tandem/app") as error:
        push_image(client, busybox, f"{host}/tandem/app", progress=messages.append)
    assert len(messages) == 2
    assert "again" in error.value.hint
    assert not [name for name in client.images.get(busybox).tags if host in name], "nothing half-made stays"


def test_push_goes_on_once_the_registry_is_back(client, tag, busybox, registry, tmp_path):
    build(client, tag, context(tmp_path, f"ENV TAG={tag}"), busybox)
    host, container = registry
    container.stop(timeout=1)
    messages = []

    def hear(line):
        messages.append(line)
        container.start()

    image = push_image(client, tag, f"{host}/tandem/app", progress=hear)
    assert len(messages) >= 1
    assert connect(host).resolve("tandem/app", str(image.digest)).digest == image.digest
