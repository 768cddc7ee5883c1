"""The image and the unit of the pipeline name what there is: versions, files, options."""

import re
import subprocess

import pytest
import yaml

from pipeline.cli.main import app
from pipeline.core.paths import ROOT
from tests.support.command_line import CliRunner

DOCKERFILE = ROOT / "images" / "pipeline" / "Dockerfile"
UNIT = ROOT / "images" / "pipeline" / "tandem-webhook.service"
BUILDSPEC = ROOT / "terraform" / "modules" / "delivery" / "buildspec.yml"


def test_terraform_has_one_version_everywhere():
    (image,) = re.findall(r"^ARG TERRAFORM_VERSION=(\S+)$", DOCKERFILE.read_text(), re.MULTILINE)
    workflow = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert re.findall(r"terraform_version: (\S+)", workflow) == [image]


def test_the_image_copies_what_the_package_needs():
    copied = {
        word
        for line in DOCKERFILE.read_text().splitlines()
        if line.startswith("COPY ")
        for word in line.split()[1:-1]
    }
    assert copied == {
        *("requirements.lock", "pyproject.toml", "README.md", "tandem.toml"),
        *("render", "images", "terraform", "pipeline"),
    }
    assert all((ROOT / name).exists() for name in copied)


def test_the_unit_calls_the_verb_with_options_that_it_has():
    (command,) = re.findall(r"^ExecStart=(.*)$", UNIT.read_text(), re.MULTILINE)
    program, verb, *arguments = command.split()
    assert program.endswith("/tandem")
    text = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "100"}).stdout
    assert {word for word in arguments if word.startswith("--")} <= set(re.findall(r"--[a-z-]+", text))


def test_the_unit_lets_a_release_finish_and_loses_no_secret():
    text = UNIT.read_text()
    assert "KillMode=mixed" in text
    assert "LoadCredential=secret:" in text
    assert "--secret-file %d/secret" in text


def buildspec():
    return yaml.safe_load(BUILDSPEC.read_text())["phases"]["build"]["commands"]


@pytest.mark.slow
def test_the_buildspec_reconciles_under_the_environments_name(tmp_path):
    """Its commands run one after another in one shell, as CodeBuild runs them."""
    for name, script in {
        "docker": "exit 0",
        "tandem": f'for a; do echo "$a"; done >{tmp_path}/called\n'
        f"printf 'protocol=https\\nhost=git.example\\n\\n' | git credential fill >{tmp_path}/credential",
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    environ = {
        "PATH": f"{tmp_path}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "ENVIRONMENT": "prod",
        "READ_TOKEN": "a-token",
        "READ_USER": "reader",
        "GIT_SERVER": "https://git.example",
    }
    subprocess.run(["sh", "-eu", "-c", "\n".join(buildspec())], env=environ, cwd=tmp_path, check=True)
    assert (tmp_path / "called").read_text().split() == ["reconcile", "--env", "prod", "--project", "."]
    assert (tmp_path / "credential").read_text().splitlines()[-2:] == ["username=reader", "password=a-token"]
    assert "a-token" not in (tmp_path / ".gitconfig").read_text()
