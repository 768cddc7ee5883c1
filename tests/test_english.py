"""Docs, comments and messages are plain English: some words and phrases do not come back."""

import re
import subprocess

import pytest

from pipeline.core.paths import ROOT

WORDS = (
    *("mend", "mends", "mended", "mending", "amiss", "misshapen", "anew", "whoever", "bygone"),
    *("thereby", "thereof", "thereupon", "hereby", "whereby", "wherein", "whereupon"),
    *("hitherto", "henceforth", "forthwith", "nought"),
    *("in the hand of", "the only hand", "the one hand", "on the road of"),
)
_REFUSED = re.compile(rf"\b({'|'.join(WORDS)})\b", re.IGNORECASE)


def refused(text):
    return [match[0].lower() for match in _REFUSED.finditer(text)]


@pytest.mark.slow
def test_every_file_is_plain_english():
    listing = subprocess.run(
        ["git", "ls-files", "*.md", "*.py", "*.tf", "*.toml", "Makefile", ":!tests/test_english.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    texts = {name: refused((ROOT / name).read_text()) for name in listing.stdout.splitlines()}
    assert {name: words for name, words in texts.items() if words} == {}


@pytest.mark.parametrize("text", ["a recommended amendment", "whatever runs", "`mended_at`", "by hand"])
def test_good_text_passes(text):
    assert refused(text) == []


@pytest.mark.parametrize("text", ["Whoever runs it", "made anew", "the `amiss` function"])
def test_bad_text_is_named(text):
    assert len(refused(text)) == 1
