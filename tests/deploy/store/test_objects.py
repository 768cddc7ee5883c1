"""Compare-and-swap on files and on S3 alike."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from pipeline.core.errors import TandemError
from pipeline.deploy.store.files import FileObjects
from pipeline.deploy.store.objects import Objects
from pipeline.deploy.store.s3 import S3Objects
from tests.support.aws_access import aws


@pytest.fixture(params=["files", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Objects]:
    if request.param == "files":
        yield FileObjects(tmp_path / "store")
        return
    request.getfixturevalue("cloud")
    yield S3Objects(aws(), "releases", "dev/")


def test_the_place_is_a_folder_or_an_address_of_s3(objects: Objects, tmp_path: Path) -> None:
    assert objects.place in {str(tmp_path / "store"), "s3://releases/dev/"}
    assert objects.quick().place == objects.place


def test_what_was_never_written_is_not_there(objects: Objects) -> None:
    assert objects.read("a/b.json") is None
    assert objects.keys("a/") == []


def test_create_writes_once(objects: Objects) -> None:
    assert objects.create("a/b.json", b"1")
    assert not objects.create("a/b.json", b"2")
    stored = objects.read("a/b.json")
    assert stored is not None
    assert stored.data == b"1"


def test_replace_needs_the_tag_of_what_it_replaces(objects: Objects) -> None:
    objects.create("a", b"1")
    first = objects.read("a")
    assert first is not None
    assert objects.replace("a", b"2", first.tag)
    assert not objects.replace("a", b"3", first.tag)
    assert not objects.replace("absent", b"3", first.tag)
    stored = objects.read("a")
    assert stored is not None
    assert stored.data == b"2"


def test_keys_are_sorted_and_bounded_by_their_prefix(objects: Objects) -> None:
    for key in ("trail/2.json", "trail/1.json", "other/1.json"):
        objects.create(key, b"")
    assert objects.keys("trail/") == ["trail/1.json", "trail/2.json"]


def test_of_many_who_create_at_once_one_wins(tmp_path: Path) -> None:
    objects = FileObjects(tmp_path)
    won: list[bytes] = []

    def create(data: bytes) -> None:
        if objects.create("a", data):
            won.append(data)

    threads = [threading.Thread(target=create, args=(str(n).encode(),)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = objects.read("a")
    assert stored is not None
    assert won == [stored.data]


def test_a_writer_waits_for_the_one_that_looks_and_replaces(tmp_path: Path) -> None:
    """Between its look and its write no other process may write."""
    objects = FileObjects(tmp_path)
    objects.create("a", b"1")
    first = objects.read("a")
    assert first is not None
    other = threading.Thread(target=objects.replace, args=("a", b"2", first.tag))
    with objects._guard():
        other.start()
        other.join(0.1)
        stored = objects.read("a")
        assert stored == first
    other.join()
    stored = objects.read("a")
    assert stored is not None
    assert stored.data == b"2"


def test_nothing_half_written_is_left_behind(tmp_path: Path) -> None:
    objects = FileObjects(tmp_path)
    objects.create("a", b"1")
    objects.create("a", b"2")
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


def test_a_folder_that_cannot_be_written_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TandemError, match="cannot write") as caught:
        FileObjects(tmp_path / "file").create("a", b"1")
    assert caught.value.hint


def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files and folders that are synced from now on; "." is the folder itself."""
    names: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        names.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr("os.fsync", fsync)
    return names


def test_a_write_is_durable_before_it_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data is synced before its name appears, and the folder after that."""
    objects = FileObjects(tmp_path)
    done = synced(monkeypatch)
    assert objects.create("a", b"1")
    stored = objects.read("a")
    assert stored is not None
    assert objects.replace("a", b"2", stored.tag)
    assert [name.endswith(".part") for name in done] == [True, False] * 2
    assert done[1::2] == [str(tmp_path)] * 2


def test_a_write_into_a_new_folder_is_durable_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = FileObjects(tmp_path / "local" / "releases")
    done = synced(monkeypatch)
    assert objects.create("trail/1.json", b"1")
    new = [tmp_path, tmp_path / "local", tmp_path / "local" / "releases"]
    assert done[:3] == [str(folder) for folder in new], "each new folder's name is in the one above"
    done.clear()
    assert objects.create("trail/2.json", b"1")
    assert str(tmp_path / "local") not in done


def test_a_full_disk_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = FileObjects(tmp_path)
    objects.create("a", b"1")
    stored = objects.read("a")
    assert stored is not None

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TandemError, match="No space left on device"):
        objects.replace("a", b"2", stored.tag)
    assert objects.read("a") == stored


@pytest.mark.usefixtures("cloud")
def test_a_write_whose_reply_got_lost_is_recognised_as_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = aws().client("s3")
    objects = S3Objects(aws(), "releases")
    real = s3.put_object

    def put_twice(**arguments: object) -> object:
        real(**arguments)  # type: ignore[arg-type]
        return real(**arguments)  # type: ignore[arg-type] # what botocore does when the first reply is lost

    monkeypatch.setattr(s3, "put_object", put_twice)
    assert objects.create("a", b"mine")
    stored = objects.read("a")
    assert stored is not None
    assert objects.replace("a", b"mine too", stored.tag)
    assert not objects.create("a", b"another's")


@pytest.mark.usefixtures("cloud")
def test_a_bucket_that_is_not_there_is_named() -> None:
    with pytest.raises(TandemError, match="s3://nobody"):
        S3Objects(aws(), "nobody").keys("")


@pytest.mark.usefixtures("cloud")
def test_writers_that_race_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = aws().client("s3")
    real, calls = s3.put_object, []

    def racing(**arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 1:
            raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")
        return real(**arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(s3, "put_object", racing)
    assert S3Objects(aws(), "releases").create("a", b"1")
    assert len(calls) == 2


@pytest.mark.usefixtures("cloud")
def test_writers_that_race_without_end_give_up_after_five_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    calls, pauses = [], []

    def racing(**arguments: object) -> object:
        calls.append(arguments)
        raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")

    monkeypatch.setattr(aws().client("s3"), "put_object", racing)
    monkeypatch.setattr("time.sleep", pauses.append)
    with pytest.raises(TandemError, match="s3://releases/a is being written by too many at once"):
        S3Objects(aws(), "releases").create("a", b"1")
    assert len(calls) == 5
    assert pauses == pytest.approx([0.1, 0.2, 0.4, 0.8])
