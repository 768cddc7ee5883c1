"""A container that others wait for is really run once, before anything changes."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker import DockerClient

from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef
from pipeline.deploy.manifest import Release
from pipeline.deploy.preflight.exit_code import ExitCodeCheck
from pipeline.images.static.image.assembly import BASE_DIGEST
from pipeline.images.transfer import push_image
from pipeline.registry import Manifest, connect
from tests.support.base_images import base, running_registry

STACK = "prooftest"


@pytest.fixture(scope="module")
def client() -> DockerClient:
    return docker.from_env()


@pytest.fixture(scope="module")
def busybox(client: DockerClient) -> Iterator[ImageRef]:
    """busybox in a registry of the test's own."""
    with running_registry(client) as (host, _):
        yield push_image(client, base("busybox"), f"{host}/shop/static")


@pytest.fixture
def proof(client: DockerClient, tmp_path: Path) -> ExitCodeCheck:
    return ExitCodeCheck(tmp_path / "proved", STACK, lambda: client, seconds=3)


def task_of(release: Release, image: ImageRef, *command: str, **more: Any) -> dict[str, Any]:
    """The release's task definition, with a data container that runs `command`."""
    task = copy.deepcopy(dict(release.task_definition))
    for container in task["containerDefinitions"]:
        container["image"] = str(image)  # the others must be in a registry that answers
    (static,) = [item for item in task["containerDefinitions"] if item["name"] == "static"]
    static.update(image=str(image), entryPoint=["/bin/busybox"], command=list(command), **more)
    return task


def refused() -> DockerClient:
    raise TandemError("Docker does not answer")


@pytest.mark.docker
@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (("true",), []),
        (("false",), ["exits with code 1, not 0"]),
        (("sh", "-c", "echo no content; exit 7"), ["exits with code 7, not 0: no content"]),
        (("sleep", "60"), ["does not end within 3 s"]),
    ],
)
def test_it_is_run_and_its_end_is_told(
    proof: ExitCodeCheck, release: Release, busybox: ImageRef, command: Any, problem: list[str]
) -> None:
    findings = list(proof.run(task_of(release, busybox, *command)))
    assert [finding.path for finding in findings] == ["$.containerDefinitions[1].image"] * len(problem)
    assert all(word in finding.rule for finding, word in zip(findings, problem, strict=True))
    left = proof.docker().containers.list(all=True, filters={"label": f"io.tandem.stack={STACK}"})
    assert left == []


@pytest.mark.docker
def test_a_program_that_is_not_there_is_told(
    proof: ExitCodeCheck, release: Release, busybox: ImageRef
) -> None:
    task = task_of(release, busybox)
    task["containerDefinitions"][1]["entryPoint"] = ["/no/such/program"]
    (finding,) = proof.run(task)
    assert "cannot start" in finding.rule
    assert "/no/such/program" in finding.rule


@pytest.mark.docker
def test_what_was_proved_is_not_run_again(proof: ExitCodeCheck, release: Release, busybox: ImageRef) -> None:
    task = task_of(release, busybox, "true")
    assert list(proof.run(task)) == []
    without_docker = ExitCodeCheck(proof.folder, STACK, refused)
    assert list(without_docker.run(task)) == []
    assert len(list(proof.folder.iterdir())) == 1


@pytest.mark.docker
def test_what_failed_is_run_again(proof: ExitCodeCheck, release: Release, busybox: ImageRef) -> None:
    task = task_of(release, busybox, "false")
    assert len([*proof.run(task), *proof.run(task)]) == 2


@pytest.mark.docker
def test_other_content_on_the_same_base_needs_no_other_proof(
    proof: ExitCodeCheck, release: Release, busybox: ImageRef, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two images whose manifests name the same small image below: one run, and neither is pulled."""
    at = connect(busybox.host)
    below = at.manifest(busybox)
    for number in "12":
        notes = {BASE_DIGEST: str(busybox.digest), "number": number}
        ref = at.push_manifest(busybox.path, Manifest(below.config, below.layers, notes))
        assert ref != busybox
        assert list(proof.run(task_of(release, ref, "true"))) == []
        (note,) = proof.folder.iterdir()
        assert note.read_text() == f"{busybox}\n"
    assert "not proved" not in capsys.readouterr().err


@pytest.mark.docker
def test_without_docker_it_is_said_and_no_finding(
    tmp_path: Path, release: Release, busybox: ImageRef, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = ExitCodeCheck(tmp_path, STACK, refused)
    assert list(proof.run(task_of(release, busybox, "false"))) == []
    assert "not proved that static exits 0: Docker does not answer" in capsys.readouterr().err
