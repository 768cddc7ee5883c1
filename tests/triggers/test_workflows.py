"""The CI workflows: pinned, with few permissions, and their shell steps do what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.core.paths import ROOT
from pipeline.git.command import run_git
from tests.support.repositories import commit

GITHUB = ROOT / ".github" / "workflows" / "release.yml"
GITLAB = ROOT / "templates" / "release.yml"
CALLERS = sorted((ROOT / "examples" / "ci" / "github").glob("*.yml"))
INCLUDES = sorted((ROOT / "examples" / "ci" / "gitlab").glob("*.yml"))
TOKEN = "a-token-that-reads"


def workflow(file=GITHUB):
    return yaml.safe_load(file.read_text())


@pytest.fixture
def machine(tmp_path):
    """A folder with a `tandem` that notes its arguments, and a home of its own."""
    tandem = tmp_path / ".venv" / "bin" / "tandem"
    tandem.parent.mkdir(parents=True)
    note = f'for a; do echo "$a"; done >{tmp_path}/called; env >{tmp_path}/environ'
    # As a release does, ask git for the password of a source.
    ask = f"printf 'protocol=https\\nhost=git.example\\n\\n' | git credential fill >{tmp_path}/credential"
    tandem.write_text(f"#!/bin/sh\n{note}\n{ask} 2>/dev/null || true\n")
    tandem.chmod(0o755)
    return tmp_path


def run(machine, script, **variables):
    environ = {
        "PATH": f"{machine}/.venv/bin:{os.environ['PATH']}",
        "HOME": str(machine),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "TMPDIR": str(machine),
        **variables,
    }
    subprocess.run(["sh", "-eu", "-c", script], cwd=machine, env=environ, check=True, capture_output=True)
    return (machine / "called").read_text().splitlines()


def files_with(machine, text):
    files = (
        file for file in machine.rglob("*") if file.is_file() and text in file.read_text(errors="replace")
    )
    return {file.relative_to(machine).as_posix() for file in files}


def test_every_action_is_pinned_by_its_commit_and_names_its_version():
    lines = [line for file in (GITHUB, *CALLERS) for line in file.read_text().splitlines() if "uses:" in line]
    assert len(lines) == 8
    for line in lines:
        assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # \S", line), line


def test_a_job_may_read_and_get_a_token_and_nothing_else():
    assert workflow()["permissions"] == {}
    assert workflow()["jobs"]["release"]["permissions"] == {"contents": "read", "id-token": "write"}
    for caller in CALLERS:
        assert workflow(caller)["permissions"] == {"contents": "read", "id-token": "write"}


def test_runs_wait_for_each_other_and_none_is_cancelled():
    concurrency = workflow()["jobs"]["release"]["concurrency"]
    assert concurrency == {"group": "tandem-${{ inputs.environment }}", "cancel-in-progress": False}
    job = list(yaml.safe_load_all(GITLAB.read_text()))[1]["tandem-release"]
    assert (job["resource_group"], job["interruptible"]) == ("tandem-$[[ inputs.environment ]]", False)


def test_no_expression_stands_in_a_script():
    """A branch or input with shell syntax in it would run."""
    for step in workflow()["jobs"]["release"]["steps"]:
        assert "${{" not in step.get("run", "")
    assert "$[[" not in "".join(list(yaml.safe_load_all(GITLAB.read_text()))[1]["tandem-release"]["script"])


@pytest.mark.parametrize("file", CALLERS, ids=lambda file: file.stem)
def test_a_caller_has_ten_lines_and_the_inputs_that_the_workflow_takes(file):
    assert len(file.read_text().splitlines()) <= 10
    (job,) = workflow(file)["jobs"].values()
    called = workflow()[True]["workflow_call"]  # YAML reads the key `on` as true
    needed = {name for name, value in called["inputs"].items() if value.get("required")}
    assert needed <= set(job["with"]) <= set(called["inputs"])
    assert set(job["secrets"]) <= set(called["secrets"])
    assert job["with"].get("source", "reconcile") == file.stem


@pytest.mark.parametrize("file", INCLUDES, ids=lambda file: file.stem)
def test_an_include_has_the_inputs_that_the_component_takes(file):
    (include,) = workflow(file)["include"]
    taken = next(yaml.safe_load_all(GITLAB.read_text()))["spec"]["inputs"]
    needed = {name for name, value in taken.items() if "default" not in value}
    assert needed <= set(include["inputs"]) <= set(taken)
    assert include["inputs"]["source"] == file.stem


def release_step():
    (step,) = [step for step in workflow()["jobs"]["release"]["steps"] if step.get("name") == "Release"]
    return step


@pytest.mark.slow
def test_the_step_of_github_triggers_with_the_pushs_commits(machine):
    variables = dict.fromkeys(release_step()["env"], "")
    commits = {"BEFORE": "1" * 40, "AFTER": "2" * 40}
    step_env = {"SOURCE": "app", "ENVIRONMENT": "prod", "SERVER": "https://git.example"}
    called = run(machine, release_step()["run"], **{**variables, **step_env, **commits})
    options = ["--before", "1" * 40, "--after", "2" * 40, "--way", "GitHub Actions"]
    assert called == ["trigger", "app", "--env", "prod", *options]


@pytest.mark.slow
def test_the_step_of_github_reconciles_without_a_source(machine):
    variables = dict.fromkeys(release_step()["env"], "")
    assert run(machine, release_step()["run"], **{**variables, "ENVIRONMENT": "prod; id"}) == [
        "reconcile",
        "--env",
        "prod; id",
    ]


@pytest.mark.slow
def test_git_gets_the_token_of_github_and_no_file_does(machine):
    variables = dict.fromkeys(release_step()["env"], "")
    step_env = {"READ_TOKEN": TOKEN, "SERVER": "https://git.example", "ENVIRONMENT": "prod"}
    run(machine, release_step()["run"], **{**variables, **step_env})
    assert f"password={TOKEN}" in (machine / "credential").read_text()
    assert files_with(machine, TOKEN) == {"credential", "environ"}, "what the fake tandem wrote"


@pytest.mark.slow
@pytest.mark.parametrize("source", ["static", ""])
def test_the_script_of_gitlab_clones_the_project_and_calls_the_verb(machine, source):
    server = machine / "server" / "you"
    server.mkdir(parents=True)
    run_git("init", "--quiet", "--initial-branch=main", str(server / "release.git"))
    (server / "release.git" / "tandem.toml").write_text('name = "shop"\n')
    commit(server / "release.git", "Begin")
    (script,) = list(yaml.safe_load_all(GITLAB.read_text()))[1]["tandem-release"]["script"]
    called = run(
        machine,
        script,
        SOURCE=source,
        ENVIRONMENT="prod",
        PROJECT="you/release",
        PROJECT_REF="main",
        AWS_TOKEN="an-identity",
        CI_SERVER_URL=f"file://{machine}/server",
        CI_JOB_TOKEN=TOKEN,
        CI_COMMIT_BEFORE_SHA="1" * 40,
        CI_COMMIT_SHA="2" * 40,
    )
    project = Path(called[called.index("--project") + 1])
    assert (project / "tandem.toml").is_file()
    verb = ["trigger", "static"] if source else ["reconcile"]
    assert called[: len(verb) + 2] == [*verb, "--env", "prod"]
    assert called[len(verb) + 4 :] == (
        ["--before", "1" * 40, "--after", "2" * 40, "--way", "GitLab CI"] if source else []
    )
    token = project.parent / "token"
    assert (token.read_text(), token.stat().st_mode & 0o077) == ("an-identity", 0)
    assert f"AWS_WEB_IDENTITY_TOKEN_FILE={token}" in (machine / "environ").read_text()
    assert files_with(machine, TOKEN) <= {"credential", "environ"}


@pytest.mark.slow
def test_zizmor_finds_nothing():
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [str(zizmor), "--offline", "--no-progress", "--quiet", str(GITHUB), *map(str, CALLERS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
