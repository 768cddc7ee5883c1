"""A commit's subject is what git says it is."""

import subprocess
import time

import pytest

from pipeline.core.values import Source
from pipeline.git import object_store
from pipeline.git.commits import subject_of
from pipeline.git.object_store import ObjectStore
from tests.git.raw_objects import RawRepo

PERSON = b"T <t@e> 0 +0000"
MESSAGES = [
    b"Change the page\n",
    b"Change the page",
    b"",
    b"\n",
    b"\n\n  \nAfter blank lines\n",
    b"One subject\nof two lines\n\nThe body\n",
    b"Trailing space \t\r\nand more\r\n\r\nThe body\r\n",
    b"  Leading space\n",
    b"Only spaces below\n \t \nThe body\n",
    b"\xc3\xa9t\xc3\xa9\n",
    b"\xe9t\xe9\n",
    b"before\0after\n",
]
HEADS = [
    (b"encoding ISO-8859-1\n", b"\xe9t\xe9\n"),
    (b"encoding no-such-thing\n", b"\xc3\xa9t\xc3\xa9\n"),
    (b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n", b"Signed\n"),
]


def commit_text(tree, message, more=b""):
    return b"tree %s\nauthor %s\ncommitter %s\n%s\n%s" % (tree.encode(), PERSON, PERSON, more, message)


def git_subjects(repo, names):
    command = ["git", f"--git-dir={repo.path}", "log", "--no-walk=unsorted", "-z", "--format=%s", "--stdin"]
    done = subprocess.run(command, input="\n".join(names).encode(), capture_output=True, check=True)
    return [text.decode(errors="replace").strip() for text in done.stdout.split(b"\0")[: len(names)]]


@pytest.mark.slow
def test_the_subject_is_that_of_git_log(tmp_path):
    repo = RawRepo(tmp_path / "repo.git")
    tree = repo.tree([])
    texts = [commit_text(tree, message) for message in MESSAGES]
    texts += [commit_text(tree, message, head) for head, message in HEADS]
    assert [subject_of(text) for text in texts] == git_subjects(
        repo, [repo.write(b"commit", text) for text in texts]
    )


@pytest.mark.parametrize(
    "encoding", [b"idna", b"rot13", b"zlib", b"a\0b", b"utf-16", b"undefined", b"", b"\xff"]
)
def test_no_encoding_makes_it_raise(encoding):
    assert isinstance(
        subject_of(commit_text("0" * 40, b"\xe9t\xe9 \xc3\xa9\n", b"encoding %s\n" % encoding)), str
    )


@pytest.mark.parametrize("encoding", [b"punycode", b"utf-7", b"idna", b"unicode_escape"])
def test_a_long_subject_takes_no_time(encoding):
    began = time.process_time()
    subject = subject_of(commit_text("0" * 40, b"a-" + b"z9" * 300_000, b"encoding %s\n" % encoding))
    assert time.process_time() - began < 2
    assert len(subject) < 10_000


@pytest.mark.slow
def test_a_head_is_read_by_one_process(tmp_path, monkeypatch):
    repo = RawRepo(tmp_path / "repo.git")
    name = repo.commit(repo.tree([(b"100644", b"page", repo.blob(b"x"))]), b"Change the page")
    monkeypatch.setattr(object_store, "run_git", None)
    store = ObjectStore(repo.path, Source.APP)
    assert store.has_commit(name)
    assert store.subject(name) == "Change the page"


@pytest.mark.slow
def test_a_commit_without_its_tree_is_not_there(tmp_path):
    repo = RawRepo(tmp_path / "repo.git")
    store = ObjectStore(repo.path, Source.APP)
    assert not store.has_commit(repo.commit("1" * 40))
    assert not store.has_commit("2" * 40)
