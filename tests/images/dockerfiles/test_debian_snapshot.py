"""The pipeline's image takes Debian's packages of a fixed time if its build argument names one."""

import subprocess

import pytest

from pipeline.core.paths import IMAGES
from pipeline.images.dockerfile import read_dockerfile

pytestmark = pytest.mark.slow

OWN = "Types: deb\nURIs: http://deb.debian.org/debian\n"
URL = "http://snapshot.debian.org/archive"


@pytest.fixture
def etc(tmp_path):
    folder = tmp_path / "etc"
    (folder / "apt" / "sources.list.d").mkdir(parents=True)
    (folder / "apt" / "sources.list.d" / "debian.sources").write_text(OWN)
    (folder / "os-release").write_text("VERSION_CODENAME=bookworm\n")
    return folder


def choose_sources(etc, snapshot):
    """Run the image's own first step up to apt, below another /etc; returns the two files with sources."""
    instructions = read_dockerfile((IMAGES / "pipeline" / "Dockerfile").read_text())
    arguments = dict(item.text.split("=", 1) for item in instructions if item.name == "ARG")
    first = next(item.text for item in instructions if item.name == "RUN")
    script = first.partition("&& apt-get update")[0].replace("/etc/", f"{etc}/")
    variables = {**arguments, "DEBIAN_SNAPSHOT": snapshot or arguments["DEBIAN_SNAPSHOT"]}
    subprocess.run(["sh", "-euc", script], env=variables, check=True)
    files = (etc / "apt" / "sources.list", etc / "apt" / "sources.list.d" / "debian.sources")
    return [file.read_text() if file.exists() else "" for file in files]


def test_without_a_time_the_base_images_own_sources_stay(etc):
    assert choose_sources(etc, "") == ["", OWN]


def test_a_time_replaces_all_sources_by_the_snapshots_of_it(etc):
    lines, own = choose_sources(etc, "20261101T000000Z")
    assert own == ""
    assert lines.splitlines() == [
        f"deb [check-valid-until=no] {URL}/debian/20261101T000000Z/ bookworm main",
        f"deb [check-valid-until=no] {URL}/debian/20261101T000000Z/ bookworm-updates main",
        f"deb [check-valid-until=no] {URL}/debian-security/20261101T000000Z/ bookworm-security main",
    ]
