"""Help, version and completion import no library and no room that only running commands need."""

import json
import os
import subprocess
import sys
from importlib import metadata

import pytest

pytestmark = pytest.mark.slow

HEAVY = {"boto3", "botocore", "docker", "httpx", "jinja2", "moto", "pydantic", "requests", "urllib3"}
LIGHT_ROOMS = {"cli", "core"}
RUN = "from pipeline.cli.main import main; main()"
HELP_OF_ALL = """
import typer
from pipeline.cli.main import app
group = typer.main.get_command(app)
grouped = {n: c for g in group.commands.values() for n, c in getattr(g, "commands", {}).items()}
for name, command in {**group.commands, **grouped}.items():
    print(command.get_help(typer.Context(command, info_name=name)))
"""


def run(script, *arguments, **variables):
    """Standard output of `script`, and the modules of interest that it imported."""
    listing = "import atexit, json, sys; sys.argv[0] = 'tandem'\n"
    listing += "atexit.register(lambda: print(json.dumps(list(sys.modules)), file=sys.stderr))\n"
    process = subprocess.run(
        [sys.executable, "-c", listing + script, *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout, unneeded(json.loads(process.stderr.splitlines()[-1]))


def unneeded(modules):
    parts = [name.split(".") for name in modules]
    rooms = {name[1] for name in parts if name[0] == "pipeline" and len(name) > 1}
    return (rooms - LIGHT_ROOMS) | (HEAVY & {name[0] for name in parts})


def test_help_is_light_and_explains_the_exit_codes():
    text, imported = run(RUN, "--help")
    assert imported == set()
    assert "\n  release " in text
    assert "130: interrupted" in text


def test_the_version_is_the_packages():
    assert run(RUN, "--version") == (f"tandem {metadata.version('tandem')}\n", set())


def test_the_help_of_every_command_is_light():
    text, imported = run(HELP_OF_ALL)
    assert imported == set()
    assert text.count("Usage:") > 20


@pytest.mark.parametrize(("words", "offered"), [("tandem rel", "releases"), ("tandem release --", "--why")])
def test_completion_is_light(words, offered):
    count = str(len(words.split()) - 1)
    text, imported = run(RUN, _TANDEM_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=count)
    assert offered in text.split()
    assert imported - {"pydantic"} == set()  # with which Typer itself parses the words
