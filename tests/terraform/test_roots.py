"""Roots are put together from settings, environment files and state; nothing runs Terraform here."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.aws.access import Aws
from pipeline.aws.state_bucket import StateBucket
from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT, TERRAFORM
from pipeline.core.settings import Project, Settings
from pipeline.terraform import roots
from pipeline.terraform.desired_count import Move
from pipeline.terraform.environment_paths import environment_files
from pipeline.terraform.root import TerraformRoot
from pipeline.terraform.runner import Runner, TerraformPlan

AWS = Aws("eu-central-1", "http://127.0.0.1:1")
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    sources = {name: {"repository": name} for name in ("app", "static", "api")}
    settings = Settings.model_validate(
        {
            "sources": sources,
            "task": {"port": 8081, "secrets": {"DB": SECRET}},
            "environments": {"dev": {"region": "eu-west-1", "account_id": "210987654321"}, "odd": {}},
        }
    )
    return Project(tmp_path, settings)


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = StateBucket("tandem-local-state-1", "eu-central-1", "1")
    monkeypatch.setattr(roots, "state_bucket", lambda *_: bucket)


def test_the_platform_takes_its_settings_from_tandem_toml(project: Project) -> None:
    variables = roots.platform_variables(project.settings, "dev")
    assert variables["app_port"] == 8081
    assert variables["app_secret_arns"] == [SECRET]
    assert (variables["region"], variables["account_id"]) == ("eu-west-1", "210987654321")
    assert variables["registry_host"] is None


def test_every_setting_is_a_variable_of_the_platform(project: Project) -> None:
    texts = [file.read_text() for file in (TERRAFORM / "platform").glob("variables*.tf")]
    declared = "".join(
        text for text in texts if text.startswith("# The pipeline takes these from tandem.toml")
    )
    missing = [
        name for name in roots.platform_variables(project.settings, "dev") if f'"{name}"' not in declared
    ]
    assert missing == []


@pytest.mark.usefixtures("state")
def test_the_local_platform_pushes_to_the_registry_at_hand(project: Project) -> None:
    root = roots.platform(project, "local", AWS, registry_host="127.0.0.1:5000")
    written = json.loads(root.var_files[-1].read_text())
    assert written["registry_host"] == "127.0.0.1:5000"
    assert written["account_id"] == "123456789012"
    assert root.var_files[0].name == "local.tfvars"
    assert root.backend["key"] == "platform.tfstate"


@pytest.mark.usefixtures("state")
def test_a_release_keeps_a_variable_that_is_not_passed(project: Project) -> None:
    roots.release(project, "local", AWS, {"name": "x"}, {"number": 1})
    root = roots.release(project, "local", AWS, release={"number": 2})
    written = [json.loads(file.read_text()) for file in root.var_files[1:]]
    assert written == [{"platform": {"name": "x"}}, {"release": {"number": 2}}]


@pytest.mark.usefixtures("state")
def test_what_one_run_applies_is_not_changed_by_another_that_looks(project: Project) -> None:
    applied = roots.release(project, "local", AWS, {"name": "x"}, {"number": 1})
    planned = roots.release(project, "local", AWS, release={"number": 2})
    assert json.loads(applied.var_files[-1].read_text()) == {"release": {"number": 1}}
    assert applied.var_files[1] == planned.var_files[1], "the same variables are the same file"
    moving = roots.platform(project, "local", AWS, api_shares={"lambda": 100})
    roots.platform(project, "local", AWS)
    assert json.loads(moving.var_files[-1].read_text())["api_shares"] == {"lambda": 100}


@pytest.mark.usefixtures("state")
def test_only_the_last_variables_are_kept(project: Project) -> None:
    many = [roots.release(project, "local", AWS, {"name": "x"}, {"number": number}) for number in range(60)]
    folder = many[-1].var_files[-1].parent
    assert len(list(folder.iterdir())) == 50
    assert all(file.is_file() for file in (*many[-1].var_files, *many[-40].var_files))


@pytest.mark.usefixtures("state")
def test_a_release_that_never_was_cannot_be_planned(project: Project) -> None:
    with pytest.raises(TandemError, match="nothing to apply"):
        roots.release(project, "local", AWS)


@pytest.mark.usefixtures("state")
def test_an_environment_needs_its_variable_file(project: Project) -> None:
    with pytest.raises(TandemError, match=r"no terraform/envs/odd\.tfvars") as refused:
        roots.platform(project, "odd", AWS)
    assert "cp terraform/envs/dev.tfvars terraform/envs/odd.tfvars" in refused.value.hint


@pytest.mark.usefixtures("state")
def test_a_project_elsewhere_adds_its_own_values(project: Project) -> None:
    """Its file comes after ours, so it need only name what differs."""
    envs = project.root / "terraform" / "envs"
    envs.mkdir(parents=True)
    (envs / "local.tfvars").write_text('api_runtime = "fargate"\n')
    root = roots.platform(project, "local", AWS)
    assert root.var_files[:2] == [TERRAFORM / "envs" / "local.tfvars", envs / "local.tfvars"]
    assert root.backend["file"] == str(TERRAFORM / "envs" / "local.tfbackend")


@pytest.mark.usefixtures("state")
def test_an_environment_may_live_in_the_project_alone(project: Project) -> None:
    envs = project.root / "terraform" / "envs"
    envs.mkdir(parents=True)
    for name in ("odd.tfvars", "odd.tfbackend"):
        (envs / name).write_text("")
    root = roots.platform(project, "odd", AWS)
    assert root.var_files[0] == envs / "odd.tfvars"
    assert root.backend["file"] == str(envs / "odd.tfbackend")


@pytest.mark.usefixtures("state")
def test_this_project_has_its_values_once(project: Project) -> None:
    here = Project(ROOT, project.settings)
    assert [file.name for file in environment_files(here, "local", "platform")] == ["local.tfvars"]


def test_resources_that_must_be_made_again_are_named_to_terraform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[dict[str, Any]] = []

    def run(_: Runner, command: str, **options: Any) -> str:
        runs.append({"command": command, **options})
        return ""

    monkeypatch.setattr(Runner, "run", run)
    monkeypatch.setattr(TerraformRoot, "init", lambda _: None)
    root = TerraformRoot(tmp_path, tmp_path, {}, {}, [])
    root.apply()
    root.apply(replace=["module.service.aws_ecs_task_definition.this"])
    assert ["replace" in run for run in runs] == [False, True]
    assert runs[1]["replace"] == ["module.service.aws_ecs_task_definition.this"]


@pytest.mark.usefixtures("state")
def test_two_plans_at_once_do_not_share_a_file(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    root = roots.platform(project, "local", AWS, registry_host="127.0.0.1:5000")
    root.data_dir.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []

    def run(_: Runner, command: str, *arguments: str, **options: Any) -> str:
        if command == "plan":
            files.append(Path(options["out"]))
            files[-1].write_text("secret")
            if len(files) == 1:
                root.planned()
        assert command == "plan" or Path(arguments[0]).is_file()
        return "{}"

    monkeypatch.setattr(TerraformRoot, "init", lambda _: None)
    monkeypatch.setattr(Runner, "run", run)
    root.planned()
    assert len(set(files)) == 2
    assert not any(file.exists() for file in files)


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    "endpoint", ["", "https://ecs.eu-central-1.amazonaws.com", "http://127.0.0.1.evil.example"]
)
def test_the_local_roots_are_never_those_of_a_real_account(project: Project, endpoint: str) -> None:
    with pytest.raises(TandemError, match="would reach a real AWS account"):
        roots.platform(project, "local", Aws("eu-central-1", endpoint), registry_host="127.0.0.1:5000")


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("refusal", ["", "it loses the load balancer"])
def test_exactly_the_accepted_plan_is_applied(
    project: Project, monkeypatch: pytest.MonkeyPatch, refusal: str
) -> None:
    root = roots.platform(project, "local", AWS, registry_host="127.0.0.1:5000")
    root.data_dir.mkdir(parents=True, exist_ok=True)
    runs: list[tuple[str, str]] = []

    def run(_: Runner, command: str, *arguments: str, **options: Any) -> str:
        runs.append((command, options.get("out") or arguments[0]))
        return "  # aws_lb.this must be replaced\n"

    def accept(plan: TerraformPlan) -> None:
        assert [change.address for change in plan.resources] == ["aws_lb.this"]
        if refusal:
            raise TandemError(refusal)

    monkeypatch.setattr(TerraformRoot, "init", lambda _: None)
    monkeypatch.setattr(Runner, "run", run)
    if refusal:
        with pytest.raises(TandemError, match=refusal):
            root.apply_if(accept)
    else:
        root.apply_if(accept)
    (_, file), *applied = runs
    assert applied == ([] if refusal else [("apply", file)])
    assert not Path(file).parent.exists()


def test_only_an_apply_moves_a_service_in_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[tuple[str, str]] = []
    monkeypatch.setattr(TerraformRoot, "init", lambda _: None)
    monkeypatch.setattr(TerraformRoot, "addresses", lambda _: [])
    monkeypatch.setattr(Runner, "run", lambda *_, **__: "{}")
    monkeypatch.setattr(Runner, "move", lambda _, before, after: moved.append((before, after)))
    monkeypatch.setattr("pipeline.terraform.desired_count.moves", lambda *_: [Move("a", "b")])
    (tmp_path / "release").mkdir()
    root = TerraformRoot(tmp_path / "release", tmp_path, {}, {}, [])
    root.plan()
    root.planned()
    assert moved == []
    root.apply()
    assert moved == [("a", "b")]
