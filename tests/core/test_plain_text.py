"""Text of other programs is fit for a message."""

import pytest

from pipeline.core.plain_text import add_sentence, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[91mnginx: [emerg]\x1b[0m", "nginx: [emerg]"),
        ("\x1b[2K\x1b[1;32;40mok\x1b[?25h", "ok"),
        ("\x1b]0;title\x07a\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\", "alink"),
        ("a\x1b(Bb\x1bMc", "abc"),
        ("bell\x07 back\x08 null\x00 \x9b31m", "bell back null 31m"),
        ("one\n\ttwo", "one\n\ttwo"),
        ("\xa0\xa0indented, ümläut, 日本", "  indented, ümläut, 日本"),
    ],
)
def test_colours_and_control_characters_are_left_out(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_sentence_follows_a_short_text_and_begins_a_line_after_a_long_one() -> None:
    assert add_sentence("it failed", "release 3 runs again") == "it failed; release 3 runs again"
    assert (
        add_sentence("it failed\n  log", "release 3 runs again") == "it failed\n  log\nrelease 3 runs again"
    )
