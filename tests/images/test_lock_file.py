"""A lock file pins packages; whatever else pip would obey in it is refused."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.images.lock_file import read_lock
from tests.support.effort import examples

HASH = "--hash=sha256:" + "0" * 64
LINE = re.compile(rf"[\w.-]+(\[[\w.,-]+\])?==[\w.+!-]+( ; [^$#@\\\n]+)?( {HASH[:14]}[0-9a-f]{{64}})+")


def parsed(tmp_path, text):
    file = tmp_path / "requirements.lock"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [str(requirement) for requirement in read_lock(file)]


def test_the_examples_lock_is_taken_whole():
    text = (ROOT / "examples" / "api" / "requirements.lock").read_text()
    packages = read_lock(ROOT / "examples" / "api" / "requirements.lock")
    assert len(packages) == len(re.findall("^[a-z]", text, re.MULTILINE))
    assert sum(len(package.hashes) for package in packages) == text.count("--hash")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-audit.lock"])
def test_this_projects_own_locks_are_taken(name):
    assert all(map(LINE.fullmatch, map(str, read_lock(ROOT / name))))


@pytest.mark.parametrize(
    "line",
    [
        f"a==1 {HASH}",
        f"a==1 {HASH} {HASH}",
        f"A_b.c-d[x,y-z]==1.0.post1+cpu ; python_version < '3.12' and (sys_platform == \"linux\") {HASH}",
        f"a==1!2.0 ; python_full_version >= '3.11.4' or platform_machine not in 'x86_64 aarch64' {HASH}",
        f"a==1 ; extra == 'x' and os.name == 'posix' {HASH}",
    ],
)
def test_pinned_package_stays_as_it_is(tmp_path, line):
    assert parsed(tmp_path, line) == [line]


def test_comments_blank_lines_and_continuations_are_understood(tmp_path):
    text = (
        f"\ufeff# made by a tool\r\n\r\na == 1 \\\n    {HASH} \\\r\n\t{HASH}\n    # via b\n\n"
        f"b[ x ]==2;extra=='y' {HASH} # c\n"
    )
    assert parsed(tmp_path, text) == [f"a==1 {HASH} {HASH}", f"b[x]==2 ; extra=='y' {HASH}"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        *((f"{option} x", "is an option") for option in ("-r", "-c", "-e", "--index-url", "--find-links")),
        *(
            (option, "is an option")
            for option in ("--no-binary :all:", "--no-binary=:all:", "--pre", "-r/etc/shadow")
        ),
        ("--extra-index-url https://me:hunter2@example.com", "is an option"),
        (f"evil @ file:///tmp/evil-1.0.tar.gz {HASH}", "names an address"),
        (f"evil@https://example.com/evil-1.0.tar.gz {HASH}", "names an address"),
        (f"git+https://me:hunter2@example.com/x.git {HASH}", "names an address"),
        (f"https://example.com/a-1-py3-none-any.whl {HASH}", "names an address"),
        (f"./evil-1.0.tar.gz {HASH}", "names a file"),
        (f"/srv/evil {HASH}", "names a file"),
        (f"evil-1.0-py3-none-any.whl {HASH}", "names a file"),
        (f"a==${{AWS_SECRET_ACCESS_KEY}} {HASH}", "names an environment variable"),
        (f"a==1 ; extra == '${{HOME}}' {HASH}", "marker"),
        (f"a>=1 {HASH}", "does not pin"),
        (f"a===1 {HASH}", "does not pin"),
        (f"a==1.* {HASH}", "does not pin"),
        (f"a {HASH[:0]}", "does not pin"),
        ("a==1", "has no --hash"),
        ("a==1 --hash=md5:0", "has no --hash"),
        (f"{HASH} a==1", "is an option"),
        (f"a==1 {HASH}0", "is not NAME"),
        (f"a==1 ; {HASH}", "marker"),
        (f"a==1 {HASH} --no-binary :all:", "is not NAME"),
        (f"a==1 {HASH} --config-settings=x=y", "is not NAME"),
        (f"a==1 --global-option=x {HASH}", "is not NAME"),
        (f"a==1,>0 {HASH}", "is not NAME"),
        (f"a==1 ; import_os() == `x` {HASH}", "marker"),
        (f"a==1 ; extra == 'a\u2028-r x' {HASH}", "marker"),
        (f"a==1 \x0c--pre {HASH}", "is not NAME"),
        (f"a==1\u2028-r /etc/shadow {HASH}", "is not NAME"),
        (f"a==1\r-r /etc/shadow {HASH}", "is not NAME"),
        (f"é==1 {HASH}", "is not NAME"),
    ],
)
def test_anything_else_is_refused_by_its_line(tmp_path, line, problem):
    with pytest.raises(TandemError, match=f"line 4 of requirements.lock .*{problem}") as error:
        parsed(tmp_path, f"# -*- coding: utf-7 -*-\na==1 \\\n {HASH}\n{line}\n")
    assert "--generate-hashes" in error.value.hint
    assert "hunter2" not in error.value.message
    assert "shadow" not in error.value.message
    assert len(error.value.message) < 150


@pytest.mark.parametrize(
    "text", [b"\xff\xfe-\0r\0 \0x\0", b"\xef\xbb\xbf-r x", b"\0", b"+AC0-r x", b"a==1 \\"]
)
def test_other_encodings_hide_nothing(tmp_path, text):
    with pytest.raises(TandemError, match="line 1 of"):
        parsed(tmp_path, text)


def test_missing_linked_and_huge_locks_are_refused(tmp_path):
    lock = tmp_path / "requirements.lock"
    for make in (lambda: None, lambda: lock.symlink_to("/etc/shadow")):
        make()
        with pytest.raises(TandemError, match=r"has no requirements\.lock") as error:
            read_lock(lock)
        assert "--generate-hashes" in error.value.hint
    lock.unlink()
    lock.write_bytes(b"#" * (9 << 20))
    with pytest.raises(TandemError, match="larger than 8 MiB"):
        read_lock(lock)


PIECES = st.sampled_from(
    [
        *("a", "a==1", "==", "1", " ", " ", HASH, f" {HASH}", ";", " ; ", "[x]", "extra == 'x'", "'", "#"),
        *("\\\n", "\n", "\r", "-r x", "--pre", "@", "file:///x", "${A}", "\t", "\x0b", "\x85", "\u2028"),
        *("\\", ",", "*", "-", "é", "\0"),
    ]
)


@given(st.lists(PIECES, max_size=14).map("".join))
@settings(max_examples=examples(800), deadline=None, derandomize=True)
def test_what_reaches_pip_is_pinned_packages_only(tmp_path_factory, text):
    try:
        lines = parsed(tmp_path_factory.getbasetemp(), text)
    except TandemError:
        return
    assert all(map(LINE.fullmatch, lines))
    assert all(line.isascii() for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        *(f"a==1 ; {'=' * 5000}$ {HASH}", f"a==1 ; {'a ' * 5000}$", f"{'a-' * 5000}$", f"a==1 {HASH * 5000}"),
        *(
            f"a==1 ; {word * 5000}$ {HASH}"
            for word in ("and ", "not in ", "or(", "in\t", "'' and ", "os.name ")
        ),
        *("\x0c" * 500_000, f"a[{'b,' * 50_000}", f"a[b{' ' * 500_000}", f"a{' ' * 500_000}=", "@" * 500_000),
    ],
)
def test_long_lines_are_refused_at_once(tmp_path, line):
    with pytest.raises(TandemError, match="line 1 of"):
        parsed(tmp_path, line)
