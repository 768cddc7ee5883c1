"""Make text of other programs fit for a message: no colours and cursor movements, no control characters."""

import re

# CSI sequences (colours, cursor), OSC sequences (titles, links) up to their end, and single escapes.
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """`text` with tabs and newlines as its only control characters; no-break spaces become spaces."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text)).replace("\xa0", " ")


def add_sentence(text: str, sentence: str) -> str:
    """`text` and `sentence`, which begins a line of its own if `text` has several."""
    return f"{text}{chr(10) if chr(10) in text else '; '}{sentence}"
