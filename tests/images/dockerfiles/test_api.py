"""The API's image: its handler answers a load balancer's event."""

import base64
import json

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.images import contexts
from pipeline.images.docker import build_image
from tests.support.base_images import base
from tests.support.containers import output

pytestmark = pytest.mark.docker

CALL = (
    "import json, sys, main; print(json.dumps([main.handler(event, None) for event in json.load(sys.stdin)]))"
)


def event(method, path, body="", query=None, headers=None):
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:x:1:targetgroup/api/1"}},
        "httpMethod": method,
        "path": path,
        "queryStringParameters": query or {},
        "headers": {"host": "x", **(headers or {})},
        "body": body,
        "isBase64Encoded": False,
    }


@pytest.fixture
def call(client, api_image):
    """Answers of the image's handler to events, under the confinement that Lambda has."""

    def called(*events):
        container = client.containers.create(
            api_image,
            entrypoint=["sh", "-c", 'printf "%s" "$EVENTS" | python3 -c "$CALL"'],
            environment={"EVENTS": json.dumps(events), "CALL": CALL, "AWS_LAMBDA_FUNCTION_VERSION": "7"},
            read_only=True,
            cap_drop=["ALL"],
            network_mode="none",
        )
        try:
            container.start()
            container.wait(timeout=60)
            answers = container.logs(stderr=False).decode().splitlines()
            assert answers, container.logs().decode()
            return json.loads(answers[-1])
        finally:
            container.remove(force=True, v=True)

    return called


def test_handler_answers_the_load_balancers_event(call):
    order = json.dumps({"lines": [{"item": "bell", "quantity": 12}]})
    posted = {"content-type": "application/json"}
    answers = call(
        event("GET", "/api/health"),
        event("GET", "/api/items", query={"q": "lamp"}),
        event("GET", "/api/items/none"),
        event("POST", "/api/quotes", order, headers=posted),
        event("POST", "/api/quotes", '{"lines": []}', headers=posted),
        event("GET", "/elsewhere"),
    )
    assert [answer["statusCode"] for answer in answers] == [200, 200, 404, 200, 422, 404]
    assert json.loads(answers[0]["body"]) == {"status": "ok", "version": "7"}
    assert [item["id"] for item in json.loads(answers[1]["body"])["items"]] == ["lamp"]
    assert json.loads(answers[3]["body"]) == {"cents": 13932}


def test_echo_shows_what_arrived(call):
    post_event = event("POST", "/api/echo/path/a b", "ünï", query={"q": "1"}, headers={"x-test": "yes"})
    echoed, four = call(post_event, event("GET", "/api/echo/bytes/4"))
    echoed_request = json.loads(echoed["body"])
    assert (echoed_request["method"], echoed_request["query"]) == ("POST", [["q", "1"]])
    assert ["x-test", "yes"] in echoed_request["headers"]
    assert base64.b64decode(echoed_request["body"]).decode() == "ünï"
    assert four["isBase64Encoded"]
    assert base64.b64decode(four["body"]) == bytes(range(4))


def test_bytecode_is_in_the_image_and_tests_are_not(client, api_image):
    look = ["sh", "-c", "find /var/task /opt/python -name '*.pyc' | wc -l; ls /var/task"]
    count, *names = output(client, api_image, entrypoint=look).decode().split()
    assert int(count) > 300
    assert set(names) == {
        "__pycache__",
        "application.py",
        "catalogue",
        "console",
        "main.py",
        "this_machine.py",
    }


COMPILES_NOTHING = """
import importlib._bootstrap_external as importing

def refuse(loader, data, path, **_):
    raise SystemExit(f"{path} would be compiled")

importing.SourceLoader.source_to_code = refuse
import main
print("imported")
"""


def test_a_cold_start_compiles_nothing(client, api_image):
    """Neither the source and its packages, nor Python's own library."""
    done = output(client, api_image, entrypoint=["python3", "-c", COMPILES_NOTHING])
    assert done.decode().strip() == "imported"


def test_runtime_client_runs_as_nobody_and_looks_for_lambda(client, api_image):
    container = client.containers.create(api_image)
    try:
        container.start()
        assert container.wait(timeout=30)["StatusCode"] != 0
        assert b"AWS_LAMBDA_RUNTIME_API" in container.logs()
        assert container.attrs["Config"]["User"] == "65534:65534"
    finally:
        container.remove(v=True)


def test_syntax_error_fails_the_build_with_its_line(client, project, heads, tmp_path):
    context = contexts.api(project, heads[Source.API], base("python"), tmp_path / "work", client)
    (context.folder / "source" / "main.py").write_text("def handler(:\n")
    with pytest.raises(TandemError, match=r"main\.py[^/]*line 1"):
        build_image(client, context.folder, context.dockerfile, context.args, "tandem-imgtest/api:bad")
