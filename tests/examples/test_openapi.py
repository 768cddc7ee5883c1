"""The example does what its OpenAPI document says: schemathesis sends what it allows and what it forbids."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from pipeline.core.paths import ROOT
from pipeline.deploy.store import Outcome, Store
from pipeline.deploy.store.lock import held
from pipeline.local.context import REGION
from pipeline.records.build_records import Records
from pipeline.records.publish import publish
from tests.images.dockerfiles.conftest import (  # fixtures
    api_image,  # noqa: F401
    client,  # noqa: F401
    heads,  # noqa: F401
    project,  # noqa: F401
)
from tests.local.alb.rigged import rigged
from tests.records.example_record import RECORD
from tests.support.example_releases import make_release
from tests.support.ports import free_port
from tests.support.waiting import until

EXAMPLE = ROOT / "examples" / "api"
CONFIG = ROOT / "schemathesis.toml"


BEHIND_A_LOAD_BALANCER = (
    # The load balancer itself answers TRACE, without Allow.
    *("--exclude-checks", "unsupported_method"),
    # It answers 502 if a function's answer is over 1 MB; and here is no table of records.
    *("--exclude-path-regex", "/api/(echo/bytes|builds|comparisons)"),
)


@contextmanager
def served(releases):
    """The example behind uvicorn, as its tasks run it: its URL."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "application:app", "--port", str(port), "--no-access-log"]
    places = {"TANDEM_RELEASES": str(releases), "TANDEM_RECORDS": str(releases / "records.sqlite")}
    environ = {**os.environ, **places}
    process = subprocess.Popen(command, cwd=EXAMPLE, env=environ, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: process.poll() is None and _answers(f"{url}/api/health"))
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url):
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def examine(url, folder: Path, examples: int, *more: str) -> subprocess.CompletedProcess[str]:
    """Run schemathesis against the API at `url`."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIG]
    options = ["--no-color", "--seed", "1", "--max-examples", str(examples)]
    run = [*command, "run", f"{url}/api/openapi.json", *options, *more]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def releases(tmp_path):
    """Two releases and a build, so that answers have content."""
    store = Store.in_folder(tmp_path, "prod")
    for fill in "ab":
        release = store.add(make_release(fill, why=f"push {fill}"))
        with held(store.objects, "release", wait=1) as lease:
            store.record(release.number, Outcome.STARTED)
            store.succeed(release.number, lease.token)
    Records(tmp_path / "records.sqlite").add(RECORD)
    publish(store.objects, [RECORD.document()], "csv")
    return tmp_path


@pytest.fixture
def function(api_image, releases, tmp_path_factory):  # noqa: F811 - a fixture
    """The example as a function behind the load balancer; its releases are in a bucket. The URL."""
    with rigged(tmp_path_factory.mktemp("openapi")) as rig:
        _put_releases(rig.client("s3"), releases)
        role = rig.client("iam").create_role(RoleName="api", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        rig.client("iam").put_role_policy(RoleName="api", PolicyName="read", PolicyDocument=policy)
        group = rig.elb.create_target_group(Name="api", TargetType="lambda")["TargetGroups"][0][
            "TargetGroupArn"
        ]
        rig.set_attributes(group, {"lambda.multi_value_headers.enabled": "true"})
        made = rig.client("lambda").create_function(
            FunctionName="api",
            Role=role,
            PackageType="Image",
            Code={"ImageUri": api_image},
            Environment={"Variables": {"TANDEM_RELEASES": "s3://releases/prod/"}},
            Timeout=30,
            MemorySize=512,
            Publish=True,
        )
        alias = rig.client("lambda").create_alias(
            FunctionName="api", Name="live", FunctionVersion=made["Version"]
        )
        rig.elb.register_targets(TargetGroupArn=group, Targets=[{"Id": alias["AliasArn"]}])
        rig.listen({"Type": "forward", "TargetGroupArn": group})
        until(lambda: rig.answers() and rig.get("/api/health").status_code == 200, 120)
        yield rig.url


def _put_releases(s3, folder):
    s3.create_bucket(Bucket="releases", CreateBucketConfiguration={"LocationConstraint": REGION})
    for file in folder.rglob("*.json"):
        s3.put_object(Bucket="releases", Key=f"prod/{file.relative_to(folder)}", Body=file.read_bytes())


@pytest.mark.docker
def test_the_function_behind_the_load_balancer_does_what_its_document_says(function, tmp_path):
    result = examine(function, tmp_path, 10, *BEHIND_A_LOAD_BALANCER)
    assert result.returncode == 0, result.stdout


@pytest.mark.slow
def test_the_server_does_what_its_document_says(releases, tmp_path):
    with served(releases) as url:
        result = examine(url, tmp_path, 30)
    assert result.returncode == 0, result.stdout
    assert "warning" not in result.stdout.splitlines()[-1], result.stdout
