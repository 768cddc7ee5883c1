"""Requests of visitors and answers of functions, as the local load balancer meets them."""

import io
import json
from contextlib import suppress

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.local.awslambda import http1
from pipeline.local.awslambda.alb_events import LIMIT, MalformedAnswerError, response
from pipeline.local.awslambda.alb_gateway import answer, payload
from pipeline.local.awslambda.invocation import InvocationResult
from tests.fuzz.effort import effort
from tests.fuzz.strategies import TEXTS, json_bytes

NAMES = st.sampled_from(
    ["content-length", "transfer-encoding", "expect", "host", "cookie", "content-type", "content-encoding"]
) | st.text(max_size=10)
LINES = st.tuples(NAMES, TEXTS | st.sampled_from(["chunked", "-1", "9" * 30, "100-continue", "0"]))
METHODS = st.sampled_from(["GET", "POST", "", "TRACE", "GET /"])


class Source(io.BytesIO):
    """A connection of which nothing may be read without a limit."""

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert 0 <= size <= LIMIT, "the whole connection is read into memory"
        return super().read(size)


def text(lines: list[tuple[str, str]], method: str, target: str, rest: bytes) -> bytes:
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines)
    return head.encode("utf-8", "surrogatepass") + b"\r\n" + rest


REQUESTS = st.one_of(
    st.binary(max_size=200),
    st.builds(text, st.lists(LINES, max_size=5), METHODS, TEXTS, st.binary(max_size=60)),
)


@effort(2)
@given(REQUESTS)
@example(b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\nx")
@example(b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n-1\r\nx")
def test_a_request_is_read_within_its_limits_or_refused(content: bytes) -> None:
    """The gateway ends a connection on ValueError, and answers 413 to what is too large."""
    with suppress(ValueError, http1.TooLargeError):
        request = http1.read(Source(content), LIMIT, io.BytesIO())
        if request is not None:
            for multi_value in (True, False):
                json.loads(payload(request, "arn:aws:x", multi_value=multi_value))


ANSWER = {
    "statusCode": 200,
    "statusDescription": "200 OK",
    "headers": {"content-type": "text/html", "set-cookie": "a=b"},
    "multiValueHeaders": {"content-type": ["text/html"]},
    "body": "eA==",
    "isBase64Encoded": True,
}


@effort(2)
@given(json_bytes([ANSWER]), st.booleans())
@example(content=b"[" * 100_000, multi_value=True)
@example(content=json.dumps({"statusCode": 200, "body": "\ud800"}).encode(), multi_value=True)
def test_an_answer_of_a_function_is_one_or_a_502(content: bytes, multi_value: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
    problem = ""
    try:
        response(content, multi_value=multi_value)
    except MalformedAnswerError as error:
        problem = error.message
    assert len(problem) < 1_000
    got = answer(InvocationResult(content, "1"), multi_value=multi_value)
    stream = io.BytesIO()
    http1.write(stream, got.status, got.headers, got.body, reason=got.reason)
    head = stream.getvalue().partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert len(head) == 2 + len(got.headers), "no header breaks out of its line"
