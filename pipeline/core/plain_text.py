"""Make text of others fit for a message: no colours, no control characters, no passwords."""

import re

# CSI sequences (colours, cursor), OSC sequences (titles, links) up to their end, and single escapes.
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LAYOUT = frozenset("\n\t\u200b\u200c\u200d")
"""What is not printable and stays: lines, and what has no width within words and emoji."""

# Each begins with ://, so that they take linear time for any text.
_ANY_USER = re.compile(r"://([^\s/'\"]*)@")
_ANY_REST = re.compile(r"://[^\s'\"]*")
_LONGEST_SCHEME = 10


def plain(text: str) -> str:
    """`text` with tabs and newlines as its only control characters; no-break spaces become spaces."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text)).replace("\xa0", " ")


def visible(text: str) -> str:
    """`text` with a question mark in place of each character that a terminal obeys or does not show."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter in _LAYOUT else "?" for letter in text)


def add_sentence(text: str, sentence: str) -> str:
    """`text` and `sentence`, which begins a line of its own if `text` has several."""
    return f"{text}{chr(10) if chr(10) in text else '; '}{sentence}"


def without_credentials(text: str) -> str:
    """`text` without users, passwords and queries of the URLs in it; ssh needs its user."""
    return _ANY_REST.sub(_without_query, _ANY_USER.sub(_without_user, text))


def _without_user(match: re.Match[str]) -> str:
    scheme = match.string[max(match.start() - _LONGEST_SCHEME, 0) : match.start()]
    return f"://{match[1].partition(':')[0]}@" if "ssh" in scheme.lower() else "://"


def _without_query(match: re.Match[str]) -> str:
    address, *query = re.split("[?#]", match[0], maxsplit=1)
    return f"{address}?…" if query else address
