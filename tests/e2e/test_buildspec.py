"""The buildspec's commands run as they stand in a clean container laid out as images/pipeline is.

The Dockerfile's COPY, WORKDIR and ENV lines are its own. What its RUN lines download (Debian's packages,
Terraform, Python's packages) is mounted from this machine, to read only: /usr, and the virtual environment.
Its home is empty, and so are Tandem's caches of wheels and sources.
"""

import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import docker
import pytest
import yaml

from pipeline.core.paths import ROOT
from pipeline.terraform.program import mirror
from tests.e2e.test_queue import heads, queue
from tests.support.base_images import base

pytestmark = pytest.mark.stack

DOCKERFILE = ROOT / "images" / "pipeline" / "Dockerfile"
BUILDSPEC = ROOT / "terraform" / "modules" / "delivery" / "buildspec.yml"
HOME = "/home/build"
_KEPT = ("ARG BASE", "FROM ", "COPY ", "WORKDIR ", "ENV ")
_SHIM = '#!/bin/sh\nexec {python} -c "from pipeline.cli.main import main; main()" "$@"\n'


def dockerfile():
    """The image's own lines but for its downloads; its `tandem` runs what they copied, and only that."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if line.startswith(_KEPT)]
    last = lines.index("WORKDIR /project")
    lines[last:last] = [
        "COPY tandem /opt/tandem/.venv/bin/tandem",
        "ENV PYTHONPATH=/opt/tandem PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1",
    ]
    return "\n".join(lines)


@pytest.fixture
def image(tmp_path):
    client, tag = docker.from_env(), f"tandem-buildspec:{uuid.uuid4().hex[:8]}"
    context = tmp_path / "context"
    context.mkdir()
    copied = {
        word
        for line in DOCKERFILE.read_text().splitlines()
        if line.startswith("COPY ")
        for word in line.split()[1:-1]
    }
    for name in copied:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, context / name)
    (context / "Dockerfile").write_text(dockerfile())
    (context / "tandem").write_text(_SHIM.format(python=sys.executable))
    (context / "tandem").chmod(0o755)
    client.images.build(
        path=str(context), tag=tag, buildargs={"BASE": base("busybox")}, rm=True, forcerm=True
    )
    yield tag
    client.images.remove(tag, force=True)
    client.close()


def mounts(project):
    """This machine's programs and Terraform's providers to read, Docker's socket, the project at its path."""
    folders = ["/usr", "/bin", "/lib", "/lib64", "/sbin", "/etc/ssl", "/etc/alternatives"]
    read = [*folders, sys.prefix, sys.base_prefix, *([str(mirror())] if mirror() else [])]
    read_only = [f"{Path(name).resolve()}:{name}:ro" for name in dict.fromkeys(read) if Path(name).exists()]
    return [*read_only, "/var/run/docker.sock:/var/run/docker.sock", f"{project}:{project}"]


def test_the_builds_commands_release_what_was_pushed_from_empty_caches(local, image, tmp_path):
    clone = local.clone("app", tmp_path / "app")
    head = local.commit(clone, "html/buildspec.html", "<p>built</p>\n")
    hook = local.repository("app") / "hooks" / "post-receive"
    hook.rename(hook.with_suffix(".away"))
    try:
        local.push(clone)
    finally:
        hook.with_suffix(".away").rename(hook)
    for cache in ("wheels", "sources", "proved"):
        shutil.rmtree(local.project.state / "cache" / cache, ignore_errors=True)

    commands = yaml.safe_load(BUILDSPEC.read_text())["phases"]["build"]["commands"]
    known = len(queue(local))
    variables = {
        "TANDEM_PROVIDER_MIRROR": str(mirror() or ""),
        "ENVIRONMENT": "local",
        "READ_TOKEN": "a-token-that-reads",
        "READ_USER": "reader",
        "GIT_SERVER": "https://git.example",
    }
    root = str(local.project.root)
    done = subprocess.run(
        [
            *("docker", "run", "--rm", "--network", "host", "--pid", "host", "--cpu-shares", "64"),
            *("--tmpfs", HOME, "--env", f"HOME={HOME}", "--workdir", root),
            *(word for mount in mounts(root) for word in ("--volume", mount)),
            *(word for name, value in variables.items() for word in ("--env", f"{name}={value}")),
            *(image, "sh", "-eu", "-c", "\n".join(commands)),
        ],
        env={key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip() == str(local.numbers()[-1])
    assert heads(local)["app"] == head
    assert [row["state"] for row in queue(local)[known:]] == ["released"]
    assert "a-token-that-reads" not in done.stdout + done.stderr
