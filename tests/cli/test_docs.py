"""What the documents show is what there is."""

import os
import re

import pytest
from typer.testing import CliRunner

from pipeline.cli.commands import static as cli_static
from pipeline.cli.main import VERBS, app
from pipeline.core.paths import ROOT

DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CLI = ROOT / "docs" / "reference" / "cli.md"
_LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def reference():
    """docs/reference/cli.md as it should be."""
    static = [
        ("static", command.name or command.callback.__name__)
        for command in cli_static.app.registered_commands
    ]
    names = [(), *((verb.__name__,) for verb in VERBS), ("static",), *static, ("cost",)]
    parts = ["# Commands\n\nMade from the program itself; `TANDEM_WRITE_DOCS=1 make test-unit` updates it.\n"]
    for name in names:
        said = CliRunner().invoke(app, [*name, "--help"], prog_name="tandem", env={"COLUMNS": "100"}).stdout
        parts.append(f"\n## {' '.join(('tandem', *name))}\n\n```\n{said.strip()}\n```\n")
    return "".join(parts)


def test_the_commands_reference_is_current():
    if os.environ.get("TANDEM_WRITE_DOCS"):
        CLI.write_text(reference())
    assert reference() == CLI.read_text()


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    missing = [link for link in _LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert missing == []


def test_every_make_target_is_explained():
    targets = re.findall(r"^([a-z][a-z-]*):(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [name for name, rest in targets if "## " not in rest] == []
