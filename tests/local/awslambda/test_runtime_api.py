"""Facts about the Runtime API, with a runtime client of a few lines."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Thread

import pytest

from pipeline.local.awslambda.invocation import InvocationRequest
from pipeline.local.awslambda.runtime_api import RuntimeApi, failure

pytestmark = pytest.mark.slow

RUNTIME = "/2018-06-01/runtime"


@pytest.fixture
def api():
    with closing(RuntimeApi("127.0.0.1")) as running:
        yield running


def job(name="1", timeout=5):
    return InvocationRequest(name, b'{"a": 1}', "arn:function:live", timeout)


def call(api, method, path, body=None):
    connection = http.client.HTTPConnection(api.address, timeout=5)
    with closing(connection):
        connection.request(method, RUNTIME + path, body)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()


def respond(api, kind="response", body=b'"done"'):
    """Take one invocation and answer it."""
    _, headers, _ = call(api, "GET", "/invocation/next")
    return call(api, "POST", f"/invocation/{headers['Lambda-Runtime-Aws-Request-Id']}/{kind}", body)


def invoke(api, request=None):
    with ThreadPoolExecutor() as pool:
        return pool.submit(api.invoke, request or job()).result()


def test_a_job_reaches_the_runtime_and_its_answer_comes_back(api):
    Thread(target=respond, args=(api,)).start()
    assert invoke(api).payload == b'"done"'


def test_the_runtime_is_told_who_was_invoked_and_until_when(api):
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(call, api, "GET", "/invocation/next")
        pool.submit(api.invoke, job(timeout=0.1))
        status, headers, body = asked.result()
    assert (status, json.loads(body)) == (200, {"a": 1})
    assert headers["Lambda-Runtime-Invoked-Function-Arn"] == "arn:function:live"
    assert int(headers["Lambda-Runtime-Deadline-Ms"]) > 0


def test_a_raised_error_is_unhandled(api):
    Thread(target=respond, args=(api, "error", b'{"errorType": "ValueError"}')).start()
    outcome = invoke(api)
    assert (outcome.error, outcome.payload) == ("Unhandled", b'{"errorType": "ValueError"}')


def test_a_job_that_takes_too_long_has_no_outcome(api):
    assert api.invoke(job(timeout=0)) is None


def test_an_answer_that_nobody_waits_for_is_refused(api):
    status, _, _ = call(api, "POST", "/invocation/other/response", b"{}")
    assert status == 400


def test_an_error_while_starting_ends_it(api):
    call(api, "POST", "/init/error", b'{"errorType": "ImportError"}')
    assert not api.alive
    assert b"ImportError" in api.wait_ready(1).payload


def test_a_runtime_that_never_asks_has_timed_out(api):
    assert b"Init timed out" in api.wait_ready(0.01).payload


def test_a_runtime_that_exits_fails_its_job(api):
    with ThreadPoolExecutor() as pool:
        running = pool.submit(api.invoke, job())
        api.end(failure("Runtime.ExitError", "gone"))
        assert b"Runtime.ExitError" in running.result().payload


def test_an_answer_over_six_megabytes_fails_the_job(api):
    with ThreadPoolExecutor() as pool:
        answered = pool.submit(respond, api, "response", b"x" * (6 * 1024 * 1024 + 101))
        outcome = invoke(api)
        answered.exception()
    assert b"Function.ResponseSizeTooLarge" in outcome.payload
