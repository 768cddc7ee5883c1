"""An environment is destroyed only where nothing speaks against it; what goes is named before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipeline.cli.commands import destroy as command
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project, Settings
from pipeline.deploy import destroy as verb
from pipeline.deploy.destroy import Teardown, require_destroyable, teardown
from pipeline.terraform.plan_text import ResourceChange, TerraformPlan

pytestmark = pytest.mark.terraform  # its console evaluates the environments' variables

ACCOUNT = "123456789012"
TABLE = "module.records.aws_dynamodb_table.this"


@dataclass
class PlayedSession:
    """What `destroy` asks a session: settings, the platform's outputs, and a plan."""

    project: Project
    environment: str = "dev"
    outputs: dict[str, Any] = field(default_factory=lambda: {"deletion_protection": False})
    is_local: bool = False
    aws: Any = None

    @property
    def platform_root(self) -> Any:
        root = SimpleNamespace(output=lambda: self.outputs, folder=Path("platform"), plan=self._plan)
        root.with_variables = lambda **_: root
        return root

    def _plan(self, *, destroy: bool) -> TerraformPlan:
        assert destroy
        changes = (ResourceChange(address, "destroyed") for address in (TABLE, "aws_ecs_cluster.this"))
        return TerraformPlan(changes=True, text="", resources=tuple(changes))


@pytest.fixture
def session(tmp_path: Path) -> PlayedSession:
    sources = {name: {"repository": name} for name in ("app", "static", "api")}
    environments = {name: {"account_id": ACCOUNT} for name in ("dev", "stage")}
    environments |= {"odd": {}, "other": {"account_id": "210987654321"}}
    settings = Settings.model_validate({"sources": sources, "environments": environments})
    made = PlayedSession(Project(tmp_path, settings))
    for name in environments:
        write(made, name, deletion_protection="false")
    return made


def write(session: PlayedSession, environment: str, **values: str) -> None:
    folder = session.project.root / "terraform" / "envs"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{environment}.tfbackend").write_text("")
    text = "".join(f"{name} = {value}\n" for name, value in values.items())
    (folder / f"{environment}.tfvars").write_text(text)


def test_an_unprotected_environment_may_go(session: PlayedSession) -> None:
    require_destroyable(session)  # type: ignore[arg-type]


def refuse(session: PlayedSession) -> TandemError:
    with pytest.raises(TandemError) as refused:
        require_destroyable(session)  # type: ignore[arg-type]
    return refused.value


def test_the_local_environment_is_not_in_aws(session: PlayedSession) -> None:
    session.is_local = True
    assert refuse(session).hint == "tandem down"


def test_an_environment_must_name_its_account(session: PlayedSession) -> None:
    session.environment = "odd"
    assert "account_id is empty" in refuse(session).message


@pytest.mark.parametrize("outputs", [{"deletion_protection": True}, {"name": "made by an earlier version"}])
def test_what_was_applied_with_protection_stays(session: PlayedSession, outputs: Mapping[str, Any]) -> None:
    session.outputs = dict(outputs)
    assert "protected from deletion" in refuse(session).message


def test_what_is_to_be_protected_stays(session: PlayedSession) -> None:
    write(session, "dev", deletion_protection="true")
    assert "deletion_protection = false in terraform/envs/dev.tfvars" in refuse(session).hint


@pytest.mark.parametrize(
    ("environment", "values", "is_refused"),
    [
        ("stage", {"create_repositories": "false"}, True),
        ("stage", {"create_repositories": "true"}, False),
        ("other", {"create_repositories": "false"}, False),
    ],
)
def test_repositories_of_another_environment_of_the_account_stay(
    session: PlayedSession, environment: str, values: dict[str, str], *, is_refused: bool
) -> None:
    write(session, environment, deletion_protection="false", **values)
    if is_refused:
        assert refuse(session).message == "stage uses the image repositories of dev"
    else:
        require_destroyable(session)  # type: ignore[arg-type]


def test_what_goes_and_what_is_lost_is_named(session: PlayedSession) -> None:
    going = teardown(session)  # type: ignore[arg-type]
    assert going.lines() == [
        f"platform: {TABLE}",
        "platform: aws_ecs_cluster.this",
        f"lost with {TABLE}: its records",
        "lost with aws_ecs_cluster.this: its services",
    ]


@pytest.mark.parametrize(
    ("arguments", "is_destroyed"),
    [
        (["--yes-destroy", "dev"], True),
        (["--yes-destroy", "prod"], False),
        ([], False),
        (["--yes-destroy", "dev", "--dry-run"], False),
    ],
)
def test_only_its_own_name_destroys_it(
    session: PlayedSession, monkeypatch: pytest.MonkeyPatch, arguments: list[str], *, is_destroyed: bool
) -> None:
    destroyed: list[Any] = []
    bucket = SimpleNamespace(bucket="state", account=ACCOUNT, region="eu-central-1")
    monkeypatch.setattr(command, "open_session", lambda *_: session)
    monkeypatch.setattr("pipeline.aws.state_bucket.state_bucket", lambda *_: bucket)
    monkeypatch.setattr(verb, "destroy", destroyed.append)
    app = typer.Typer()
    app.command()(command.destroy)
    result = CliRunner().invoke(app, ["--env", "dev", *arguments])
    assert TABLE in result.stdout
    assert (destroyed == [session]) is is_destroyed
    if not is_destroyed and "--dry-run" not in arguments:
        assert isinstance(result.exception, TandemError)
        assert result.exception.hint == "tandem destroy --yes-destroy dev"


def test_nothing_is_asked_where_nothing_is(session: PlayedSession, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = SimpleNamespace(bucket="state", account=ACCOUNT, region="eu-central-1")
    monkeypatch.setattr(command, "open_session", lambda *_: session)
    monkeypatch.setattr("pipeline.aws.state_bucket.state_bucket", lambda *_: bucket)
    monkeypatch.setattr(verb, "teardown", lambda _: Teardown("dev", (), ()))
    command.destroy("dev")
