"""What the documents show is what there is."""

import os
import re
import shlex
import tomllib

import pytest

from pipeline.cli.main import app
from pipeline.core.paths import ROOT
from tests.support.command_line import CliRunner, accept, command_of

DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
REFERENCE = ROOT / "docs" / "reference" / "cli.md"
HEAD = """# Commands

Generated from the program's help; `TANDEM_WRITE_DOCS=1 make test-unit` updates this page.
"""
_LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def commands_reference():
    """docs/reference/cli.md as it should be."""
    verbs = command_of(app).commands
    grouped = [(name, verb) for name, group in verbs.items() for verb in getattr(group, "commands", {})]
    names = [(), *((name,) for name in verbs), *grouped]
    return HEAD + "".join(_section(name) for name in names)


def _section(name):
    text = CliRunner().invoke(app, [*name, "--help"], prog_name="tandem", env={"COLUMNS": "100"}).stdout
    return f"\n## {' '.join(('tandem', *name))}\n\n```\n{text.strip()}\n```\n"


def test_the_commands_reference_is_current():
    if os.environ.get("TANDEM_WRITE_DOCS"):
        REFERENCE.write_text(commands_reference())
    assert commands_reference() == REFERENCE.read_text()


def commands():
    """Every command and group of commands, by the words that call it."""
    by_name, waiting = {}, [((), command_of(app))]
    while waiting:
        name, command = waiting.pop()
        by_name[name] = command
        waiting += [((*name, part), inner) for part, inner in getattr(command, "commands", {}).items()]
    return by_name


COMMANDS = commands()


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_help_is_whole_on_a_terminal_of_80_columns(name, monkeypatch):
    """Click cuts the help of a command in a list, and ends it with three dots."""
    monkeypatch.setenv("COLUMNS", "80")
    lines = CliRunner().invoke(app, [*name, "--help"], prog_name="tandem").stdout.splitlines()
    assert [line for line in lines if len(line) > 80] == []
    described = [line for line in lines if not line.startswith("Usage: ")]
    assert [line for line in described if line.endswith("...")] == []
    text = " ".join(" ".join(lines).split())
    for inner in getattr(COMMANDS[name], "commands", {}).values():
        assert " ".join(inner.help.partition("\n\n")[0].split()) in text


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_an_example_is_taken(page, monkeypatch):
    monkeypatch.setenv("TANDEM_ENV", "local")
    for line in re.findall(r"^ {4}tandem (.+)$", page.read_text(), re.MULTILINE):
        accept(app, shlex.split(line, comments=True))


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_verb_and_option_in_a_sentence_exists(page):
    for words in re.findall(r"`tandem ([a-z][^`]*)`", page.read_text()):
        name = next(name for count in (2, 1) if (name := tuple(words.split()[:count])) in COMMANDS)
        options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", words.partition(" -- ")[0])) <= options | {"--help"}, words


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    missing = [link for link in _LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert missing == []


def test_every_make_target_is_explained():
    targets = re.findall(r"^([a-z][a-z-]*):(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [name for name, rest in targets if "## " not in rest] == []


def test_every_dependency_is_explained():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [re.match(r"[\w-]+", requirement)[0] for requirement in project["dependencies"]]
    text = (ROOT / "docs" / "architecture.md").read_text().partition("## Dependencies")[2]
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []
