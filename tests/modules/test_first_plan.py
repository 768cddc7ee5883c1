"""On an empty account `plan` shows what the first apply makes: both roots, and nothing is written."""

import subprocess
from pathlib import Path

import pytest

from pipeline.aws import state_bucket
from pipeline.core.settings import Project, Settings
from pipeline.deploy.changes import ReleasePlan
from pipeline.deploy.plan import plan
from pipeline.deploy.session import Session
from tests.modules.account import Account
from tests.support.aws_access import aws

pytestmark = pytest.mark.terraform

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
FUNCTION = {
    "module.service.aws_ecs_task_definition.this",
    "module.api[0].aws_lambda_function.this",
    "module.api[0].aws_lambda_alias.live",
    "module.dashboard.aws_cloudwatch_dashboard.this",
}
TASKS = {"module.service.aws_ecs_task_definition.this", "module.api_task[0].aws_ecs_task_definition.this"}


@pytest.fixture
def session(account: Account, tmp_path: Path) -> Session:  # noqa: ARG001 - the account must be there
    repositories = {
        name: {"repository": str(_repository(tmp_path / name))} for name in ("app", "static", "api")
    }
    settings = Settings.model_validate({"sources": repositories, "environments": {"dev": {}}})
    made = Session(Project(tmp_path, settings), "dev", aws())
    state_bucket.bootstrap(made.aws, made.project, "dev")
    return made


def _repository(folder: Path) -> Path:
    folder.mkdir()
    (folder / "index.html").write_text("hello")
    for argv in (["init", "-q"], ["add", "."], ["commit", "-qm", "Begin"]):
        subprocess.run([*GIT, *argv], cwd=folder, check=True)
    return folder


def _set(session: Session, lines: str) -> None:
    file = session.project.root / "terraform" / "envs" / "dev.tfvars"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"max_retries = 3\nrequire_tls = false\n{lines}\n")


def _addresses(planned: ReleasePlan, root: str) -> set[str]:
    return {change.address for change in planned.terraform if change.root == root}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ("", FUNCTION),
        ('api_runtime = "fargate"\nnat = "single"', TASKS),
        ('api_vpc = true\nnat = "single"\napi_reads_releases = true\nexec = "api"', FUNCTION),
    ],
)
def test_the_plan_of_an_empty_account_shows_both_roots(
    session: Session, variables: str, expected: set[str]
) -> None:
    _set(session, variables)
    planned = plan(session)
    assert planned.notes == ()
    assert "module.network.aws_vpc.this[0]" in _addresses(planned, "platform")
    assert expected <= _addresses(planned, "release")
    assert {change.how for change in planned.terraform} == {"created"}
    assert {moved.source.value for moved in planned.moved} == {"app", "static", "api"}
    text = "\n".join(planned.lines())
    assert "known-after-apply" not in text
    assert "0" * 64 not in text
    assert session.platform_root.output() == {}
    assert not (session.state / "release.tfvars.json").exists()
    assert list(session.state.glob("first-release-*")) == []


def test_a_source_that_cannot_be_read_hides_the_release_and_nothing_else(session: Session) -> None:
    _set(session, "")
    (session.project.root / "app" / ".git").rename(session.project.root / "gone")
    planned = plan(session)
    assert _addresses(planned, "release") == set()
    assert "module.network.aws_vpc.this[0]" in _addresses(planned, "platform")
    assert "app" in planned.notes[0]
    assert "the first release cannot be planned:" in planned.lines()
