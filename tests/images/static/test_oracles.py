"""Programs that know nothing of Tandem agree on what an image holds."""

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from pipeline.git.remote import open_object_store
from pipeline.images.bases.apt import install_packages, is_root_on_debian
from pipeline.images.fuse import fuse
from pipeline.images.static import Bridge, build
from pipeline.images.static.compact import compact
from pipeline.images.static.image.previous import read_static_image
from tests.images.static.conftest import push_base
from tests.images.static.repo import F, link
from tests.registry import server
from tests.support.containers import output

HISTORY = [
    {"a/x": b"1" * 5000, "a/y": b"2", "b": b"3", "ü/é.txt": b"4", "c": b"file", "kept.js": b"old" * 200},
    {"a": b"now a file", "b": b"3", "ü/é.txt": b"5", "c/d/e": b"now a folder", "r/u/n": F(b"#!", "100755")},
    {"a/z": b"a folder again", "b": link("a/z"), "c/d/e": b"7" * 9000, "r/u/m": b"", "n" * 120: b"long"},
    {"a/z": b"a folder again", "b": b"8", "c/d/f": b"9"},
]


@pytest.fixture(scope="module")
def programs():
    """skopeo and umoci: installed where that is possible, as Docker is."""
    missing = [name for name in ("skopeo", "umoci") if not shutil.which(name)]
    if missing and not is_root_on_debian():
        pytest.skip(f"needs {' and '.join(missing)}; on Debian: apt-get install {' '.join(missing)}")
    if missing:
        install_packages(missing, print)


@pytest.fixture
def built(request_for, repo, host):
    """An image after each commit of HISTORY, and one compacted; random bytes keep their layers unknown."""
    noise = os.urandom(70_000)
    trees = [{**tree, "noise.bin": noise} for tree in HISTORY]
    program = server.program("busybox-static", "bin/busybox").read_bytes()
    small = push_base(host, program)
    commits = repo.commits(trees)
    requests = [request_for(commit, runtime_image=small, bridge=Bridge(1, ("*.js",))) for commit in commits]
    images = [(build(each).image, tree) for each, tree in zip(requests, trees, strict=True)]
    images[1] = images[1][0], {**trees[1], "kept.js": trees[0]["kept.js"]}
    last = compact(
        open_object_store(requests[-1].source, requests[-1].cache), read_static_image(images[-1][0])
    )
    canonical = build(replace(requests[2], canonical=True)).image
    return [*images, (last.image.ref, trees[-1]), (canonical, trees[2])]


def contents(folder):
    """Path -> mode and bytes (or target) of all files below `folder`, as the model spells them."""
    files = {}
    for path in Path(folder).rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            files[name] = (None, f"-> {path.readlink()}")
        elif path.is_file():
            files[name] = (path.stat().st_mode & 0o777, path.read_bytes())
    return files


def expected_contents(tree):
    files = {}
    for path, what in tree.items():
        file = what if isinstance(what, F) else F(what)
        if file.mode == "120000":
            files[path] = (None, f"-> {file.data.decode()}")
        else:
            files[path] = (0o755 if file.mode == "100755" else 0o644, file.data)
    return files


def folders(folder):
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_dir()}


def parents(tree):
    return {path.rsplit("/", count)[0] for path in tree for count in range(1, path.count("/") + 1)}


@pytest.mark.docker
@pytest.mark.usefixtures("programs")
def test_skopeo_and_umoci_unpack_exactly_the_tree(built, tmp_path):
    for number, (ref, tree) in enumerate(built):
        layout, bundle = tmp_path / f"{number}.oci", tmp_path / f"{number}"
        source = f"docker://{ref}"
        subprocess.run(
            ["skopeo", "copy", "-q", "--src-tls-verify=false", source, f"oci:{layout}:x"], check=True
        )
        subprocess.run(["umoci", "unpack", "--rootless", "--image", f"{layout}:x", bundle], check=True)
        content = bundle / "rootfs/srv/static"
        assert expected_contents(tree) == contents(content)
        assert parents(tree) == folders(content)


@pytest.mark.docker
@pytest.mark.usefixtures("programs")
def test_skopeo_inspects_the_image(built):
    ref, _ = built[0]
    done = subprocess.run(
        ["skopeo", "inspect", "--tls-verify=false", f"docker://{ref}"], capture_output=True, check=True
    )
    inspection = json.loads(done.stdout)
    assert inspection["Digest"] == str(ref.digest)
    assert inspection["Architecture"] == "amd64"


@pytest.mark.docker
def test_docker_pulls_by_digest_and_shares_exactly_the_tree(built, tmp_path):
    """Layers that Docker has never seen; its volume, as a server process sees it, holds the tree."""
    client = docker.from_env()
    for number, (ref, tree) in enumerate(built):
        client.images.pull(str(ref))
        name = f"tandem-test-oracle-{tmp_path.name}-{number}".replace("_", "-")
        run = client.containers.create(str(ref), name=name, network_mode="none")
        try:
            run.start()
            assert run.wait()["StatusCode"] == 0
            run.reload()
            volume = Path(run.attrs["Mounts"][0]["Source"])
            assert run.attrs["Mounts"][0]["Destination"] == "/srv/static"
            assert expected_contents(tree) == contents(volume)
            assert parents(tree) == folders(volume)
            assert volume.stat().st_mode & 0o777 == 0o755
        finally:
            run.remove(v=True, force=True)
            client.images.remove(str(ref), force=True)
    client.close()


@pytest.mark.docker
def test_docker_runs_a_fused_image_with_the_content_in_it(built, host, tmp_path):
    ref, tree = built[2]
    client = docker.from_env()
    app = push_base(host, server.program("busybox-static", "bin/busybox").read_bytes())
    fused = fuse(app, ref, f"{host}/oracle/site")
    client.images.pull(str(fused))
    name = f"tandem-test-fused-{tmp_path.name}".replace("_", "-")
    command = ["/bin/busybox", "cat", "/srv/static/c/d/e"]
    try:
        assert output(client, str(fused), command, name=name, network_mode="none") == tree["c/d/e"]
    finally:
        client.images.remove(str(fused), force=True)
        client.close()
