"""No body, length or method makes the webhook fail, wait for ever or read without end."""

import asyncio
import json
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.triggers.webhook import app as webhook
from pipeline.triggers.webhook.app import LARGEST
from pipeline.triggers.webhook.services import RefusedError
from tests.triggers.webhook.signed import URLS, delivery, sign


def test_a_body_of_one_megabyte_is_taken_and_one_byte_more_is_not(served):
    def padded(size):
        headers, body = delivery("GitHub")
        return sign("GitHub", headers, body + b" " * (size - len(body)))

    assert served.post(*padded(LARGEST)).status_code == 202
    assert served.post(*padded(LARGEST + 1)).status_code == 413


def test_a_large_body_without_a_length_is_not_read_to_its_end(served):
    headers, _ = delivery("GitHub")
    read = []

    async def endless():
        while len(read) < 100:
            read.append(1)
            yield b"x" * 65536

    assert served.post(headers, endless()).status_code == 413


@pytest.mark.parametrize("length", ["-1", "x", "9" * 5000, "٣"])
def test_a_length_that_is_no_number_is_refused(served, length):
    headers, body = delivery("GitHub")
    encoded = {**headers, "content-length": length.encode()}
    assert served.post(encoded, body).status_code in {202, 400, 413, 408}
    assert len(served.queue.waiting()) <= 1


def test_a_slow_body_is_given_up(monkeypatch):
    class Slow:
        headers: ClassVar[dict[str, str]] = {}

        async def stream(self):
            yield b"x"
            await asyncio.sleep(60)

    monkeypatch.setattr(webhook, "_BODY_SECONDS", 0.01)
    with pytest.raises(RefusedError, match="did not arrive in time") as caught:
        asyncio.run(webhook._body(Slow()))
    assert caught.value.status == 408


def test_other_methods_and_paths_lead_nowhere(served):
    headers, body = delivery("GitHub")
    assert served.request("GET", "/").status_code == 405
    assert served.post(headers, body, "/other").status_code == 404
    assert served.queue.waiting() == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=10), values, max_size=4),
    max_leaves=12,
)


_KEYS = ("ref", "before", "after", "repository", "project", "push", "changes", "pusher", "sender", "actor")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    service=st.sampled_from(sorted(URLS)),
    changed=st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=4),
    is_signed=st.booleans(),
)
def test_no_body_makes_it_fail(served, service, changed, is_signed):
    """Whatever fields a delivery has, the answer is one that is documented, never an error of the server."""
    headers, body = delivery(service, lambda values: values.update(changed))
    if not is_signed:
        headers = {
            name: value for name, value in headers.items() if "sign" not in name and "token" not in name
        }
    answer = served.post(headers, body)
    assert answer.status_code in ({202, 200, 400, 404} if is_signed else {401})
    assert set(answer.json()) == {"result", "why"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.binary(max_size=200) | _JSON.map(lambda values: json.dumps(values).encode()))
def test_no_bytes_make_it_fail(served, body):
    headers, _ = delivery("GitHub")
    assert served.post(*sign("GitHub", headers, body)).status_code == 400
