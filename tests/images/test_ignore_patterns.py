"""Patterns of .dockerignore decide as Docker's do, in a time that no pattern prolongs."""

import re
import time

import pytest
from docker.utils.build import Pattern, exclude_paths
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.images.ignore_file import sent_paths
from pipeline.images.ignore_patterns import IgnorePatterns, PatternError, read_patterns
from tests.support.effort import examples

NAMES = st.text("abc.", min_size=1, max_size=4).filter(lambda name: name.strip("."))
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
TOKENS = st.sampled_from([*"abc./", "*", "**", "**/", "/**", "?", "[ab]", "[a-c]", "***"])
PATTERNS = st.lists(TOKENS, min_size=1, max_size=7).map("".join)


def compiled(*lines):
    return IgnorePatterns(pattern for _, pattern in read_patterns("\n".join(lines)))


def ignores(rules, path):
    place = rules.top
    *folders, name = path.split("/")
    for folder in folders:
        place = rules.inside(rules.child(place, folder))
    return rules.is_ignored(rules.child(place, name))


def takes(pattern, path):
    """Whether the SDK's pattern takes the path or one of its folders."""
    parts = path.split("/")
    sdk = Pattern(pattern)
    return any(sdk.match("/".join(parts[: count + 1])) for count in range(len(parts)))


@settings(max_examples=examples(400))
@given(st.lists(st.tuples(st.booleans(), PATTERNS), max_size=4), PATHS)
def test_the_last_pattern_that_takes_a_path_or_its_folder_decides(patterns, path):
    lines = [f"{'!' * negated}{pattern}" for negated, pattern in patterns]
    expected = False
    for line in lines:
        pattern = line.removeprefix("!")
        if Pattern(pattern).dirs and takes(pattern, path):
            expected = not line.startswith("!")
    assert ignores(compiled(*lines), path) == expected


@settings(max_examples=examples(40))
@given(st.lists(PATHS, max_size=8), st.lists(PATTERNS, max_size=3))
def test_docker_gets_the_files_that_its_sdk_would_send(tmp_path_factory, paths, patterns):
    folder = tmp_path_factory.mktemp("context")
    for path in paths:
        if not any(parent.is_file() for parent in (folder / path).parents) and not (folder / path).exists():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).touch()
    lines = [pattern for _, pattern in read_patterns("\n".join(patterns))]
    assert set(sent_paths(folder, lines)) == set(exclude_paths(str(folder), [*lines]))


@pytest.mark.parametrize(
    ("lines", "ignored_path", "kept_path"),
    [
        (["README.md"], "README.md", "readme.md"),
        (["*", "!**/keep"], "a/b/c", "a/b/keep"),
        (["a", "!a/b/c"], "a/b/d", "a/b/c/x"),
        ([r"\*", r"\[a]", r"a\?"], "*", "x"),
        ([r"\[a]"], "[a]", "a"),
        (["[!a]"], "!", "b"),
        (["[^a]x"], "bx", "ax"),
        (["a[^b]c"], "axc", "a/c"),
        (["a[", "b[]", "c\\"], "a[", "a"),
        (["b[]"], "b[]", "b"),
        (["c\\"], "c\\", "c"),
        (["[a-]"], "-", "b"),
        (["\ufeff*.psd"], "x.psd", "x"),
        (["a\x0bb", "c\u2028d"], "a\x0bb", "b"),
        (["a\0*"], "a\0b", "a"),
        (["  ! ", "!", "!!a", "/", ".", "..", "x"], "x", "a"),
        (["#x", " #y"], "#y", "#x"),
        (["a/**"], "a/b", "a"),
        (["a**b"], "ax/b", "axb"),
        (["é?"], "éa", "é"),
    ],
)
def test_a_pattern_means_what_it_means_to_docker(lines, ignored_path, kept_path):
    rules = compiled(*lines)
    assert ignores(rules, ignored_path)
    assert not ignores(rules, kept_path)


@pytest.mark.parametrize("pattern", ["[z-a]", "x/[9-0]", "[\u00e9-a]*", "a[^b-a]", "[c-ax]"])
def test_a_range_that_is_none_is_told(pattern):
    with pytest.raises(PatternError, match=re.escape("bad character range")):
        compiled(pattern)


HOSTILE = {
    "folders": "**/" * 20_000 + "x",
    "stars": "a*" * 30_000,
    "questions": "*?" * 30_000,
    "lines": "*a*a*a*b\n" * 6_000,
    "exceptions": "**\n!**/*a*/**/*c\n" * 3_000,
    "mixed": "***/a**a***" * 5_000,
    "long": "a" * 60_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_pattern_takes_longer_than_its_length(text):
    began = time.process_time()
    rules = compiled(text)
    ignores(rules, "/".join(["a" * 250] * 8))
    assert time.process_time() - began < 2
