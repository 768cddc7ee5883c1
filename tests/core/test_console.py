"""What commits, containers and services put into messages and results cannot steer the reader's terminal."""

import json
import re

import pytest

from pipeline.core import console
from pipeline.core.paths import ROOT
from pipeline.core.plain_text import visible

STEERING = [
    "\x1b]52;c;cm0gLXJmIC8=\x07",  # fills the clipboard
    "\x1b[2J\x1b[1;1H",  # clears the screen
    "\x9b31m\x9d0;title\x9c",  # the same in one byte each
    "100%\rrelease 3 succeeded",
    "\u202eexe.gpj",  # shows the rest backwards
    "\udcff\ud800",  # no terminal can be sent this
    "\x00\x08\x7f\u2028\ufeff",
]
PRINTING = re.compile(r"^ *(print|typer\.echo|sys\.stdout\.write)\(", re.MULTILINE)
ALLOWED = {"console.py", "module_docs.py", "pins.py", "provider_lock.py", "validate.py"}
"""The console itself, and programs for those who work on this code."""


@pytest.mark.parametrize("text", STEERING)
@pytest.mark.parametrize("write", [console.info, console.out])
def test_neither_messages_nor_results_steer_a_terminal(write, text, capsys):
    write(f"before\n\t{text} after")
    shown = "".join(capsys.readouterr())
    assert "?" in shown
    assert "before\n\t" in shown or "before\n" in shown
    assert "after" in shown
    assert shown.replace("\n", "").replace("\t", "").isprintable()


@pytest.mark.parametrize(
    "text", ["ümläut, 日本, 👩\u200d💻, a:key:b, [bold]x[/bold]", "@\u200bx", "", "one\n\ttwo"]
)
def test_other_text_stays_as_it_is(text, capsys):
    assert visible(text) == text
    console.out(text)
    assert capsys.readouterr().out == f"{text}\n"


def test_a_message_has_no_picture_in_place_of_a_word(capsys):
    console.info("images/a:key:b [bold]x[/bold]")
    assert capsys.readouterr().err == "images/a:key:b [bold]x[/bold]\n"


def test_json_stays_json(capsys):
    console.out(json.dumps({"subject": "\x1b]0;x\x07"}))
    assert json.loads(capsys.readouterr().out) == {"subject": "\x1b]0;x\x07"}


def test_nothing_else_prints():
    files = (ROOT / "pipeline").rglob("*.py")
    assert {file.name for file in files if PRINTING.search(file.read_text())} == ALLOWED
