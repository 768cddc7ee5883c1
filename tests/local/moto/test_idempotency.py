"""A call that is repeated because its answer got lost runs once."""

import io

import pytest

from pipeline.local.moto.idempotency import Replay


class Counting:
    """Answers with its number of calls."""

    def __init__(self, status="200 OK"):
        self.asked, self.status = 0, status

    def __call__(self, _environ, start_response):
        self.asked += 1
        start_response(self.status, [("X-Asked", str(self.asked))])
        return [b"asked ", str(self.asked).encode()]


def call(application, invocation, method="POST"):
    told = []
    environ = {"REQUEST_METHOD": method, "wsgi.input": io.BytesIO()}
    if invocation:
        environ["HTTP_AMZ_SDK_INVOCATION_ID"] = invocation
    body = b"".join(application(environ, lambda *answer: told.append(answer)))
    return told[0], body


def test_the_same_invocation_gets_the_same_answer():
    inner = Counting()
    replay = Replay(inner)
    assert call(replay, "one") == call(replay, "one")
    assert inner.asked == 1


@pytest.mark.parametrize(("first", "second"), [("one", "two"), ("", "")])
def test_other_invocations_are_carried_out(first, second):
    inner = Counting()
    replay = Replay(inner)
    call(replay, first)
    call(replay, second)
    assert inner.asked == 2


def test_reads_are_asked_again():
    inner = Counting()
    replay = Replay(inner)
    call(replay, "one", "GET")
    call(replay, "one", "GET")
    assert inner.asked == 2


def test_a_failure_of_the_server_is_tried_again():
    inner = Counting("500 Internal Server Error")
    replay = Replay(inner)
    call(replay, "one")
    call(replay, "one")
    assert inner.asked == 2
