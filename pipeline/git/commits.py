"""Read the text of a commit object, without a git process for it."""

from itertools import dropwhile, takewhile

_BLANK = b" \t\n\r"
"""What git takes for space at the end of a line."""
_MOST_BYTES = 8 << 10
"""Far more than is shown. A commit names its encoding, and some, such as Punycode, take long to decode."""


def subject_of(commit: bytes) -> str:
    """The first paragraph of the message in one line, as `git log --format=%s` prints it."""
    head, _, message = commit.partition(b"\n\n")
    lines = [line.rstrip(_BLANK) for line in message.partition(b"\0")[0].split(b"\n")]
    paragraph = takewhile(bool, dropwhile(lambda line: not line, lines))
    return _decode(b" ".join(paragraph)[:_MOST_BYTES], _encoding(head)).strip()


def _encoding(head: bytes) -> str:
    """The encoding that the commit names."""
    headers = (line for line in head.split(b"\n") if line.startswith(b"encoding "))
    return next(headers, b"encoding utf-8").removeprefix(b"encoding ").decode("ascii", errors="replace")


def _decode(text: bytes, encoding: str) -> str:
    try:
        return text.decode(encoding, errors="replace")
    except (LookupError, ValueError):  # no such encoding, or none of text
        return text.decode(errors="replace")
