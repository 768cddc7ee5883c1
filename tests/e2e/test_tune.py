"""tandem tune api measures a real function, and leaves it as it was."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import pytest

from pipeline.deploy.session import open_session

pytestmark = pytest.mark.stack


def function(local):
    """The versions with their memory, and the one that serves."""
    session = open_session(local.project, "local")
    client, name = session.aws.client("lambda"), session.platform.function_name
    versions = client.list_versions_by_function(FunctionName=name)["Versions"]
    alias = client.get_alias(FunctionName=name, Name="live")
    return [(each["Version"], each["MemorySize"]) for each in versions], alias["FunctionVersion"]


def ask(url, ended):
    answers = set()
    while not ended.wait(0.2):
        answers.add(httpx.get(f"{url}/api/health", timeout=30).status_code)
    return answers


def test_sizes_are_measured_and_the_function_stays_as_it_was(local):
    before, ended = function(local), Event()
    with ThreadPoolExecutor(1) as visitor:
        answers = visitor.submit(ask, local.url, ended)
        try:
            options = ("--env", "local", "--sizes", "256,512,1769", "--count", "5", "--json")
            done = local.tandem("tune", "api", *options)
        finally:
            ended.set()
    tuning = json.loads(done.stdout)
    assert [each["memory"] for each in tuning["sizes"]] == [256, 512, 1769]
    assert all(each["error"] == "" and each["median"] > 0 for each in tuning["sizes"])
    assert (tuning["released"], tuning["local"]) == (512, True)
    assert function(local) == before
    assert answers.result() == {200}
    # Terraform sees no change: the next release of the same commits has nothing to do.
    planned = local.tandem("plan", "--env", "local", check=False)
    assert planned.returncode == 0, planned.stdout + planned.stderr


def test_a_file_that_is_no_event_is_refused(local, tmp_path):
    event = tmp_path / "event.json"
    event.write_text("[]")
    done = local.tandem("tune", "api", "--env", "local", "--event", str(event), check=False)
    assert done.returncode == 1
    assert "is not a JSON object" in done.stderr
