"""What Tandem stores is for its owner only, whatever the umask is."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.core.paths import ROOT
from pipeline.core.private_files import private_folder, touch_private, write_private
from pipeline.core.settings import load
from pipeline.deploy.store.files import FileObjects
from pipeline.records.build_records import Records
from pipeline.records.document import Document
from pipeline.records.waiting_records import WaitingRecords
from pipeline.terraform import program
from pipeline.terraform.variable_files import write_variables


@pytest.fixture(autouse=True, params=[0, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_each_created_folder_is_private(tmp_path: Path) -> None:
    private_folder(tmp_path / "a" / "b")
    assert [mode(tmp_path / name) for name in ("a", "a/b")] == [0o700, 0o700]


def test_an_existing_folder_becomes_private_and_those_above_it_stay(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("a", "a/b"):
        (tmp_path / name).chmod(0o755)
    private_folder(tmp_path / "a" / "b")
    assert [mode(tmp_path / name) for name in ("a", "a/b")] == [0o755, 0o700]


def test_a_folder_that_all_users_share_stays_shared(tmp_path: Path) -> None:
    """Otherwise a file in /tmp, written as root, would close /tmp to every other user."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    Records(shared / "records.sqlite").all()
    touch_private(shared / "lock")
    write_private(shared / "variables.json", "{}")
    private_folder(shared / "own")
    assert mode(shared) == 0o1777
    assert [mode(shared / name) for name in ("own", "lock", "variables.json")] == [0o700, 0o600, 0o600]


def test_a_file_is_private_and_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b"
    write_private(file, "one")
    file.chmod(0o644)
    write_private(file, "two")
    assert (file.read_text(), mode(file), list(file.parent.iterdir())) == ("two", 0o600, [file])


def test_a_failed_write_leaves_the_file_before(tmp_path: Path) -> None:
    write_private(tmp_path / "a", "one")
    with pytest.raises(UnicodeEncodeError):
        write_private(tmp_path / "a", "\ud800")
    assert ((tmp_path / "a").read_text(), list(tmp_path.iterdir())) == ("one", [tmp_path / "a"])


def test_a_touched_file_keeps_its_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    (tmp_path / "a").chmod(0o644)
    assert mode(touch_private(tmp_path / "a")) == mode(touch_private(tmp_path / "b")) == 0o600
    assert (tmp_path / "a").read_text() == "one"


@pytest.mark.parametrize("exists", [True, False])
def test_a_projects_state_is_private(tmp_path: Path, *, exists: bool) -> None:
    (tmp_path / "tandem.toml").write_text((ROOT / "tandem.toml").read_text())
    if exists:
        (tmp_path / ".tandem").mkdir()
        (tmp_path / ".tandem").chmod(0o755)
    assert mode(load(tmp_path).state) == 0o700


def test_every_folder_below_a_projects_state_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    assert FileObjects(state / "local/releases").create("manifests/1.json", b"{}")
    write_variables(state / "local", "platform", "settings", {})
    program.environ(state / "local/terraform/platform")
    WaitingRecords(state / "records/records.sqlite").add(Document("build", "2026-01-01", "run", {}))
    monkeypatch.setattr(Records, "_prepare", lambda *_: None)
    with Records(state / "kept/records.sqlite")._open():
        pass
    folders = [path for path in state.rglob("*") if path.is_dir()]
    assert len(folders) > 6
    assert {str(path): mode(path) for path in folders if mode(path) != 0o700} == {}


def test_a_file_is_synced_before_it_takes_the_place_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("sync"), sync(handle)))
    monkeypatch.setattr(Path, "replace", lambda *paths: (done.append("replace"), replace(*paths)))
    write_private(tmp_path / "a", "one")
    assert done == ["sync", "replace"]
