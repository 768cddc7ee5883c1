"""What `tandem doctor` shows of a state's lock in the local AWS can be pasted, and holds no key."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.aws.access import Aws
from pipeline.aws.state_bucket import bootstrap
from pipeline.core.settings import Project, Settings
from pipeline.deploy.doctor import diagnose_environment
from pipeline.deploy.session import Session
from pipeline.local.moto import ControlPlane, client_environment
from pipeline.local.stack_keys import CredentialsFile

SOURCES = {name: {"repository": name} for name in ("app", "static", "api")}


@pytest.fixture
def session(tmp_path: Path, control: ControlPlane) -> Session:
    keys, file = control.keys, tmp_path / "its own" / "credentials"
    file.parent.mkdir()
    file.write_text(
        f"[default]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n"
    )
    aws = Aws.from_environ(client_environment(control.port, CredentialsFile(file).read(), str(file)))
    project = Project(tmp_path, Settings.model_validate({"sources": SOURCES}))
    bucket = bootstrap(aws, project, "local").bucket
    lock = json.dumps({"ID": "1b3f-42", "Operation": "apply", "Who": "a@b", "Created": "now"})
    aws.client("s3").put_object(Bucket=bucket, Key="release.tfstate.tflock", Body=lock.encode())
    return Session(project, "local", aws)


@pytest.mark.slow
def test_the_hint_names_the_file_with_the_keys(session: Session, control: ControlPlane) -> None:
    diagnostic = next(each for each in diagnose_environment(session) if each.what == "terraform/release lock")
    command = diagnostic.hint.partition(": ")[2]
    assert control.keys.access_key not in str(diagnostic)
    assert control.keys.secret_key not in str(diagnostic)
    assert command.endswith("force-unlock 1b3f-42")
    assert identity(
        command, {"AWS_ACCESS_KEY_ID": "REAL", "AWS_SECRET_ACCESS_KEY": "x", "AWS_PROFILE": "prod"}
    )


def identity(command: str, shell: dict[str, str]) -> bool:
    """Whether boto3 gets an answer of the local AWS with the command's variables, in such a shell."""
    script = "import boto3; print(boto3.client('sts', region_name='x').get_caller_identity()['Account'])"
    program = shlex.join([sys.executable, "-c", script])
    done = subprocess.run(
        ["sh", "-c", command.partition("terraform -chdir")[0] + program],
        env={"PATH": os.environ["PATH"], **shell},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() == "123456789012"
