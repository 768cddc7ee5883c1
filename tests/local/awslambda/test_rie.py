"""The local Runtime API compared with AWS's own emulator: the same runtime client gives the same answers.

The emulator is a file of the aws-sam-cli package, which pip fetches; where it cannot, they are skipped.
"""

import json
import platform
import shutil
import subprocess
import sys
import zipfile

import httpx
import pytest
from docker.types import Mount

from pipeline.core.paths import ROOT
from tests.local.awslambda.conftest import SCRIPT
from tests.support.waiting import until

pytestmark = pytest.mark.docker

CACHE = ROOT / ".tandem" / "cache" / "rie"


def emulator():
    """The emulator's file, or None."""
    name = "aws-lambda-rie-" + {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine(), "none")
    if not (CACHE / name).exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        fetch = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", CACHE, "aws-sam-cli"]
        if subprocess.run(fetch, capture_output=True, timeout=120, check=False).returncode:
            return None
        for wheel in CACHE.glob("*.whl"):
            with zipfile.ZipFile(wheel) as packed, (CACHE / name).open("wb") as file:
                shutil.copyfileobj(packed.open(f"samcli/local/rapid/{name}"), file)
            wheel.unlink()
        (CACHE / name).chmod(0o755)
    return CACHE / name


@pytest.fixture(scope="module")
def rie(rig):
    """Invoke through the emulator: `rie(event)` returns the payload."""
    file = emulator()
    if file is None:
        pytest.skip("pip cannot fetch aws-sam-cli, which holds the emulator")
    container = rig.context.docker.containers.run(
        rig.bases["python"],
        entrypoint=["/rie", "/usr/bin/env", "python3", "-u", "-c", SCRIPT],
        mounts=[Mount("/rie", str(file), type="bind", read_only=True)],
        environment={"AWS_LAMBDA_FUNCTION_TIMEOUT": "1"},
        name=rig.context.name("rie"),
        labels=rig.context.labels("target"),
        network=rig.context.network,
        detach=True,
    )
    container.reload()
    address = container.attrs["NetworkSettings"]["Networks"][rig.context.network]["IPAddress"]
    url = f"http://{address}:8080/2015-03-31/functions/function/invocations"

    def invoke(event):
        return httpx.post(url, content=json.dumps(event), timeout=20).content

    def ready():
        try:
            return httpx.post(url, content="{}").status_code == 200
        except httpx.HTTPError:
            return False

    until(ready, what="the emulator")
    return invoke


def invoke_local(api, event):
    return api.invoke("1", json.dumps(event).encode())[1]


def test_the_runtime_is_told_the_same(api, rie):
    event = {"path": "/job"}
    assert set(json.loads(rie(event))) <= set(json.loads(invoke_local(api, event)))


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"path": "/x", "text": "é\u2028\U0001f600", "number": 1.5, "none": None, "deep": [[{}]]},
        {"path": "/big", "queryStringParameters": {"by": "3000000"}},
        {"path": "/no-response"},
    ],
)
def test_events_and_answers_are_the_same(api, rie, event):
    theirs, own = json.loads(rie(event)), json.loads(invoke_local(api, event))
    for answer in (theirs, own):
        if str(answer.get("body", "")).startswith("{"):
            answer["body"] = json.loads(answer["body"])["event"]
    assert theirs == own


def test_errors_are_the_same(api, rie):
    event = {"path": "/raise"}
    assert json.loads(rie(event)) == json.loads(invoke_local(api, event))


# The body's wrapping takes 34 bytes.
@pytest.mark.parametrize("size", [6 * 1024 * 1024 + 100 - 34, 6 * 1024 * 1024 + 101 - 34])
def test_the_limit_of_an_answer_is_the_same(api, rie, size):
    event = {"path": "/big", "queryStringParameters": {"by": str(size)}}
    theirs, own = json.loads(rie(event)), json.loads(invoke_local(api, event))
    assert theirs.get("errorType") == own.get("errorType")
    assert len(own.get("body", "")) in {0, size}


def test_an_exit_is_the_same_error(api, rie):
    event = {"path": "/exit"}
    theirs, own = json.loads(rie(event)), json.loads(invoke_local(api, event))
    assert theirs["errorType"] == own["errorType"]
