"""A commit made by hand neither writes nor reads outside of its checkout."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.git import checkout as checkout_module
from pipeline.git import object_store, sources
from pipeline.git.object_store import ListedFile, ObjectStore, TreeEntry
from tests.fuzz.effort import effort
from tests.git.raw_objects import RawRepo
from tests.support.effort import examples
from tests.support.repositories import at

pytestmark = pytest.mark.slow

FILE, PROGRAM, LINK, TREE = b"100644", b"100755", b"120000", b"40000"
CANARY = b"not of the commit"
ONE = "56a6051ca2b02b04ef92d5150c9ef600403cb1de"
"""The id of a file that holds 1."""


class Place:
    """A checkout's folder with a canary beside it, above it and in a folder beside it."""

    def __init__(self, folder):
        self.folder = folder
        self.repo = RawRepo(folder / "repo.git")
        self.project = at(folder, str(self.repo.path))
        (folder / "beside").mkdir()
        for canary in (folder / "canary", folder / "beside" / "canary"):
            canary.write_bytes(CANARY)
        self.out = folder / "work" / "out"
        self.before = self.outside()

    def outside(self):
        """Everything but the checkout, the repository and Tandem's own state."""
        own = (self.out, self.repo.path, self.project.state)
        paths = [path for path in self.folder.rglob("*") if not any(map(path.is_relative_to, own))]
        return {p: p.read_bytes() if p.is_file() else p.is_symlink() for p in paths if p != self.out.parent}

    def check_out(self, entries):
        commit = self.repo.commit(self.repo.nested(entries))
        return sources.checkout(self.project, Commit(Source.APP, commit, ""), self.out)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.mark.parametrize(
    "entries",
    [
        [(TREE, b"d", [(LINK, b"up", b"../..")]), (LINK, b"x", b"d/up/../../canary")],
        [(TREE, b"d", [(LINK, b"up", b"..")]), (LINK, b"Dockerfile", b"d/up/../canary")],
        [(LINK, b"x", b"../beside"), (FILE, b"x", b"1")],
        [(LINK, b"x", b"y"), (FILE, b"x", b"1")],
        [(FILE, b"x", b"1"), (FILE, b"x", b"2")],
        [(FILE, b"x", b"1"), (TREE, b"x", [(FILE, b"a", b"1")])],
        [(LINK, b"x", b"y"), (TREE, b"x", [(FILE, b"a", b"1")])],
        [(TREE, b"x", [(FILE, b"a", b"1")]), (TREE, b"x", [(FILE, b"b", b"1")])],
        [(FILE, b"x/../../canary", b"1")],
        [(FILE, b"x/y", b"1")],
        [(LINK, b"x", b"y"), (FILE, b"x/canary", b"1")],
        [(FILE, b"/etc/tandem-canary", b"1")],
        [(TREE, b"..", [(FILE, b"canary", b"1")])],
        [(TREE, b".", [(FILE, b"canary", b"1")])],
        [(TREE, b".GIT", [(FILE, b"config", b"1")])],
        [(TREE, b"", [(FILE, b"a", b"1")])],
        [(FILE, b"", b"1")],
        [(LINK, b"x", b"a\0b")],
        [(LINK, b"x", b"a" * 5000)],
        [(b"100777", b"x", b"1")],
        [(b"160000", b"x", b"1")],
        [(b"10x", b"x", b"1")],
        [(b"0", b"x", b"1")],
        [(TREE, b"x", b"a file in place of a tree")],
        [(TREE, b"x", b"100644 a file that reads like a tree\0" + bytes.fromhex(ONE)), (FILE, b"y", b"1")],
        [(FILE, b"x", [(FILE, b"a tree in place of a file", b"")])],
    ],
    ids=repr,
)
def test_hostile_tree_is_refused(place, entries):
    with pytest.raises(TandemError) as error:
        place.check_out(entries)
    assert error.value.message.isprintable()
    assert error.value.hint
    assert place.outside() == place.before
    assert not place.out.exists(), "nothing half-made stays"


@pytest.mark.parametrize(
    "entries",
    [
        [(LINK, b"x", b"../beside"), (FILE, b"x/canary", b"1")],
        [(LINK, b"x", b"../beside"), (FILE, b"x/y/new", b"1")],
        [(LINK, b"x", b"../../canary"), (FILE, b"x", b"1")],
        [(LINK, b"x", b"../../new"), (FILE, b"x", b"1")],
        [(LINK, b"d", b"../../beside"), (FILE, b"d/canary", b"1")],
        [(FILE, b"x", b"1"), (FILE, b"x", b"2")],
    ],
)
def test_writing_follows_no_link_even_if_no_rule_refused_it(place, monkeypatch, entries):
    """The second guard by itself: the tree is taken as it is, and every link as good."""
    monkeypatch.setattr(checkout_module, "validate_file", lambda *_: None)
    monkeypatch.setattr(object_store, "validate_file", lambda *_, **__: None)
    blobs = [(path.decode(), int(mode, 8), place.repo.blob(content)) for mode, path, content in entries]
    files = [ListedFile(path, TreeEntry(mode, name), 1) for path, mode, name in blobs]
    with pytest.raises(TandemError, match="another file of the commit has this name"):
        checkout_module.write_files(ObjectStore(place.repo.path), files, place.out, "")
    assert place.outside() == place.before


def test_tree_that_names_any_number_of_files_is_refused(place, monkeypatch):
    monkeypatch.setattr(object_store, "_MOST_FILES", 5000)
    tree = place.repo.tree([(FILE, b"f%d" % n, place.repo.blob(b"")) for n in range(10)])
    for _ in range(10):
        tree = place.repo.tree([(TREE, b"d%d" % n, tree) for n in range(10)])
    commit = place.repo.commit(tree)
    with pytest.raises(TandemError, match="more than 5,000 files"):
        sources.checkout(place.project, Commit(Source.APP, commit, ""), place.out)


@pytest.mark.parametrize(
    "depth", [150, *(pytest.param(depth, marks=pytest.mark.slow) for depth in (1000, 2100))]
)
def test_deep_folders_are_built_or_refused_in_words(place, depth):
    tree = place.repo.tree([(FILE, b"f", place.repo.blob(b"1"))])
    for _ in range(depth):
        tree = place.repo.tree([(TREE, b"a", tree)])
    commit = Commit(Source.APP, place.repo.commit(tree), "")
    if depth < 200:
        assert (sources.checkout(place.project, commit, place.out) / ("a/" * depth) / "f").is_file()
        return
    with pytest.raises(TandemError, match=r"too deep|longer|paths of more than"):
        sources.checkout(place.project, commit, place.out)
    assert not place.out.exists()


def test_names_that_clash_elsewhere_are_warned_of(place, capsys):
    place.check_out([(FILE, b"A", b"1"), (TREE, b"a", [(FILE, b"x", b"1")])])
    assert ". has both A and a" in capsys.readouterr().err


NAMES = st.sampled_from(
    [
        *(b"a", b"b", b"up", b"Dockerfile", b"requirements.lock", b"..", b".", b"", b".git", b".GIT"),
        *(b"git~1", b"a/b", b"../canary", b"/etc/canary", b"a\\..\\b", b"a\n", b".wh.a", b"\xff", b"A"),
    ]
)
TARGETS = st.lists(st.sampled_from([b"..", b"..", b"a", b"up", b"canary", b"", b"."]), max_size=5).map(
    b"/".join
)
LINKS = st.tuples(st.just(LINK), NAMES, TARGETS)
FILES = st.tuples(st.sampled_from([FILE, PROGRAM, FILE, b"100777", b"160000"]), NAMES, st.just(b"1"))
ENTRIES = st.recursive(
    st.lists(st.one_of(FILES, LINKS), max_size=3),
    lambda inner: st.lists(st.one_of(LINKS, FILES, st.tuples(st.just(TREE), NAMES, inner)), max_size=4),
    max_leaves=8,
)


@effort(0.2, fixed=examples(150))
@given(ENTRIES)
def test_any_tree_is_written_rightly_or_refused(entries):
    folder = Path(tempfile.mkdtemp()).resolve()
    try:
        place = Place(folder)
        with contextlib.suppress(TandemError):
            place.check_out(entries)
            assert written(place.out) == flat(entries)
            assert all(leads_inside(path, place.out) for path in place.out.rglob("*"))
        assert place.outside() == place.before
    finally:
        shutil.rmtree(folder)


def flat(entries, prefix=b""):
    """Path -> mode and content of every file of the tree."""
    files = {}
    for mode, name, content in entries:
        more = (
            flat(content, prefix + name + b"/")
            if isinstance(content, list)
            else {prefix + name: (mode, content)}
        )
        assert not files.keys() & more.keys()
        files |= more
    return files


def written(out):
    files = {}
    for path in out.rglob("*"):
        name = os.fsencode(path.relative_to(out))
        if path.is_symlink():
            files[name] = LINK, os.readlink(os.fsencode(path))  # noqa: PTH115 - as it stands, "a/" too
        elif path.is_file():
            files[name] = PROGRAM if path.stat().st_mode & 0o100 else FILE, path.read_bytes()
    return files


def leads_inside(path, out):
    try:
        return path.resolve().is_relative_to(out)
    except RuntimeError:  # a loop of links
        return True
