"""Providers are locked by hash for several platforms, and another provider is refused then."""

import os
import re
import shutil
from pathlib import Path

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import TERRAFORM
from pipeline.deploy import doctor
from pipeline.terraform import program, provider_lock
from pipeline.terraform.runner import Runner

SEVERAL = (
    'provider "registry.terraform.io/hashicorp/aws" {\n  hashes = [\n    "h1:a=",\n    "h1:b=",\n  ]\n}\n'
)


def test_a_lock_of_one_machine_pins_nothing(tmp_path: Path) -> None:
    assert provider_lock.platforms(tmp_path) == 0
    assert provider_lock.pinned(tmp_path) == ""
    (tmp_path / provider_lock.NAME).write_text(SEVERAL.replace('    "h1:b=",\n', '    "zh:b",\n'))
    assert provider_lock.platforms(tmp_path) == 1
    assert provider_lock.pinned(tmp_path) == ""


def test_a_lock_for_several_platforms_pins(tmp_path: Path) -> None:
    (tmp_path / provider_lock.NAME).write_text(SEVERAL)
    assert provider_lock.pinned(tmp_path) == SEVERAL


@pytest.mark.parametrize(
    ("platforms", "seen"), [(0, "not locked"), (1, "not locked"), (4, "for 4 platforms")]
)
def test_the_doctor_says_whether_they_are_locked(
    monkeypatch: pytest.MonkeyPatch, platforms: int, seen: str
) -> None:
    monkeypatch.setattr(provider_lock, "platforms", lambda _: platforms)
    assert seen in doctor._providers()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The release root and its modules, in a folder that a test may change."""
    ignored = shutil.ignore_patterns(provider_lock.NAME, ".terraform", "tests")
    for name in ("release", "modules"):
        shutil.copytree(TERRAFORM / name, tmp_path / "terraform" / name, ignore=ignored)
    return tmp_path / "terraform" / "release"


@pytest.mark.terraform
def test_a_locked_provider_is_taken_and_another_is_refused(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mirror of one platform is what every machine has that can run Terraform at all."""
    mirror = program.mirror()
    if mirror:
        monkeypatch.setenv("TANDEM_PROVIDER_MIRROR", str(mirror))
    terraform = Runner(root, {**os.environ, **program.environ(tmp_path / "data")})
    terraform.run("init", backend=False)
    (installed,) = (tmp_path / "data").glob("providers/*/*/*/*/*")
    provider_lock.lock(root, [installed.name])
    lock = root / provider_lock.NAME
    assert provider_lock.platforms(root) == 1
    terraform.run("init", backend=False, lockfile="readonly")
    lock.write_text(re.sub(r'"h1:....', '"h1:AAAA', lock.read_text()))
    (tmp_path / "data").rename(tmp_path / "earlier")
    other = Runner(root, {**os.environ, **program.environ(tmp_path / "data")})
    with pytest.raises(TandemError, match="not the one that was locked") as refused:
        other.run("init", backend=False, lockfile="readonly")
    assert refused.value.hint.startswith("make lock-providers")


@pytest.mark.terraform
def test_a_platform_that_nobody_has_is_an_error_with_a_hint(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mirror/registry.terraform.io/hashicorp/aws").mkdir(parents=True)
    monkeypatch.setenv("TANDEM_PROVIDER_MIRROR", str(tmp_path / "mirror"))
    with pytest.raises(TandemError, match=r"cannot lock the providers of terraform/release: ") as refused:
        provider_lock.lock(root, ["plan9_amd64"])
    assert "TANDEM_PROVIDER_MIRROR" in refused.value.hint
    assert not (root / provider_lock.NAME).exists()
