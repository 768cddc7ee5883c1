"""Workflows and scripts have no mistake that only a run would show: shellcheck, and their expressions."""

import copy
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.core.paths import ROOT
from tests.support.shell_steps import BUILDSPEC, GITLAB, hook, script_files, steps, workflows
from tests.triggers.workflow_expressions import problems

WORKFLOWS, STEPS = workflows(), steps()


def shellcheck(*arguments: str, text: str = "") -> str:
    """What shellcheck finds; empty if nothing."""
    command = [str(Path(sys.executable).with_name("shellcheck")), "--norc", "--format=gcc", *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


def check_step(shell: str, text: str, variables: set[str]) -> str:
    """What shellcheck finds in a step that gets these variables."""
    preamble = "".join(f"read -r {name}\nexport {name}\n" for name in sorted(variables))
    # The credential helper of git is quoted: another shell expands it.
    return shellcheck(
        *("--enable=check-unassigned-uppercase", "--exclude=SC2016", "-s", shell, "-"),
        text=f"{preamble}{text}",
    )


def variables(name: str) -> set[str]:
    """The variables that the step `name` gets."""
    if name == "buildspec build":
        project = (BUILDSPEC.parent / "build.tf").read_text() + (BUILDSPEC.parent / "tokens.tf").read_text()
        return {
            *re.findall(r'\bname\s*=\s*"([A-Z_]+)"', project),
            *re.findall(r"^\s*([A-Z_]+)\s*=", project, re.MULTILINE),
        }
    if name.startswith(f"{GITLAB[0].name} tandem-release "):
        job = list(yaml.safe_load_all(GITLAB[0].read_text()))[1]["tandem-release"]
        predefined = {"CI_SERVER_URL", "CI_JOB_TOKEN", "CI_COMMIT_BEFORE_SHA", "CI_COMMIT_SHA"}
        return {*job["variables"], *job["id_tokens"], *predefined}
    workflow, number = name.rsplit(" ", 1)
    (job,) = WORKFLOWS[workflow]["jobs"].values()
    return {*job["steps"][int(number)].get("env", {})}


@pytest.mark.slow
def test_every_kind_of_script_is_there() -> None:
    names = {file.relative_to(ROOT).as_posix() for file in script_files()}
    assert {"examples/app/entrypoint.sh", "images/base/finish.sh"} <= names
    assert {name.split(" ")[0] for name in STEPS} == {
        ".github/workflows/release.yml",
        "release.yml",
        "buildspec",
    }
    assert "docs/guides/ci.md" in {name.split(" ")[0] for name in WORKFLOWS}


@pytest.mark.slow
def test_shellcheck_finds_nothing_in_the_scripts() -> None:
    assert shellcheck(*map(str, script_files())) == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
def test_shellcheck_finds_nothing_in_a_step(name: str) -> None:
    """Variables that nothing sets are found as well: a step runs without them, with empty words."""
    assert check_step(*STEPS[name], variables(name)) == ""


@pytest.mark.slow
def test_shellcheck_finds_nothing_in_gits_hook() -> None:
    assert shellcheck("--exclude=SC2046", "-s", "sh", "-", text=hook()) == "", (
        "the words of `unset` are split"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["rm -rf $ENVIRONMENT/x", "if [ x; then true; fi", 'echo "$ENVIRONMENTS"', "cd /x\n[ 1 == 2 ]"]
)
def test_what_is_wrong_in_a_step_is_found(text: str) -> None:
    assert check_step("sh", text, {"ENVIRONMENT"})


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_expression_names_what_is_not_there(name: str) -> None:
    assert problems(WORKFLOWS[name]) == []


SCHEMA = [str(Path(sys.executable).with_name("check-jsonschema")), "--default-filetype=yaml"]
GITHUBS = ["--builtin-schema=vendor.github-workflows"]
GITLABS = ["--builtin-schema=vendor.gitlab-ci", "--data-transform=gitlab-ci"]


def schema_errors(kind: list[str], *texts: str, folder: Path) -> str:
    """What GitHub's or GitLab's schema refuses in these documents; empty if nothing."""
    files = [folder / f"{number}.yml" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    done = subprocess.run([*SCHEMA, *kind, *files], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode else ""


def component() -> str:
    """The job of GitLab's component, which stands behind its inputs."""
    return GITLAB[0].read_text().partition("\n---\n")[2]


@pytest.mark.slow
def test_githubs_schema_takes_every_workflow(tmp_path: Path) -> None:
    texts = [
        yaml.safe_dump({"on" if key is True else key: of[key] for key in of}) for of in WORKFLOWS.values()
    ]
    assert schema_errors(GITHUBS, *texts, folder=tmp_path) == ""


@pytest.mark.slow
def test_gitlabs_schema_takes_the_component_and_its_callers(tmp_path: Path) -> None:
    callers = [file.read_text() for file in GITLAB[1:]]
    assert len(callers) == 3
    assert schema_errors(GITLABS, component(), *callers, folder=tmp_path) == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong"),
    [("  interruptible: false", "  interruptible: maybe"), ("  id_tokens:", "  id_token:")],
)
def test_gitlabs_schema_finds_a_wrong_word(right: str, wrong: str, tmp_path: Path) -> None:
    assert right in component()
    assert schema_errors(GITLABS, component().replace(right, wrong), folder=tmp_path)


def test_the_components_inputs_are_declared_and_used() -> None:
    spec, job = yaml.safe_load_all(GITLAB[0].read_text())
    used = set(re.findall(r"\$\[\[ inputs\.([\w-]+) \]\]", yaml.safe_dump(job)))
    assert used == set(spec["spec"]["inputs"])
    assert yaml.safe_dump(job).count("$[[") == len(re.findall(r"\$\[\[ inputs\.", yaml.safe_dump(job)))


NAME = ".github/workflows/release.yml"


def changed(path: tuple[object, ...], value: object) -> dict[object, object]:
    """The reusable workflow, with `value` at `path`."""
    workflow = copy.deepcopy(WORKFLOWS[NAME])
    at = workflow
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return workflow


JOB = ("jobs", "release")
STEP = (*JOB, "steps", 0)


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ((*STEP, "with", "ref"), "${{ inputs.projectref }}", "inputs has no 'projectref'"),
        ((*STEP, "with", "token"), "${{ secrets.READ_TOKEN }}", "secrets has no 'READ_TOKEN'"),
        ((*STEP, "with", "ref"), "${{ github.sah }}", "github has no 'sah'"),
        ((*STEP, "with", "ref"), "${{ needs.build.outputs.ref }}", "needs has no 'build'"),
        ((*STEP, "with", "ref"), "${{ steps.later.outputs.ref }}", "steps has no 'later'"),
        ((*STEP, "with", "ref"), "${{ matrix.os }}", "matrix has no 'os'"),
        ((*STEP, "with", "ref"), "${{ env.REF }}", "env has no 'REF'"),
        ((*STEP, "with", "ref"), "${{ input.ref }}", "context 'input' is not available"),
        ((*STEP, "with", "ref"), "${{ inputs.project", "cannot read"),
        ((*STEP, "with", "ref"), '${{ inputs.project == "x" }}', "cannot read"),
        ((*STEP, "with", "ref"), "${{ (inputs.project }}", "not a whole expression"),
        ((*STEP, "with", "ref"), "${{ }}", "not a whole expression"),
        ((*STEP, "with", "ref"), "${{ lower(inputs.project) }}", "unknown function 'lower'"),
        ((*STEP, "if"), "secrets.read-token != ''", "context 'secrets' is not available"),
        ((*STEP, "if"), "${{ inputs.suorce }}", "inputs has no 'suorce'"),
        ((*STEP, "timeout-minuets"), 5, "unknown key 'timeout-minuets'"),
        ((*STEP, "run"), "true", "both or none of uses and run"),
        ((*JOB, "concurrency", "group"), "${{ secrets.read-token }}", "context 'secrets' is not available"),
        ((*JOB, "concurrency", "group"), "${{ env.GROUP }}", "context 'env' is not available"),
        ((*JOB, "needs"), ["build"], "needs 'build'"),
        ((*JOB, "runs_on"), "ubuntu-24.04", "unknown key 'runs_on'"),
        ((*JOB, "uses"), "./.github/workflows/x.yml", "neither steps with runs-on, nor uses"),
        (("env",), {"A": "${{ needs.x.result }}"}, "context 'needs' is not available"),
        (("job",), {}, "unknown key 'job'"),
    ],
)
def test_what_is_wrong_in_a_workflow_is_found(path: tuple[object, ...], value: object, why: str) -> None:
    assert any(why in each for each in problems(changed(path, value))), problems(changed(path, value))


@pytest.mark.parametrize(
    "expression",
    [
        "${{ inputs.source && 'a' || github.event.head_commit.id }}",
        "${{ !cancelled() && contains(fromJSON('[1, 2]'), 2) }}",
        "${{ format('it''s {0}', github.event['before']) }}",
        "${{ vars.ANY == true && 1.5 >= 0x1f }}",
    ],
)
def test_what_is_right_passes(expression: str) -> None:
    assert problems(changed((*STEP, "with", "ref"), expression)) == []
