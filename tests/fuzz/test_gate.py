"""Any request to the local AWS: it is refused in AWS's words, whatever its headers hold."""

import io
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.local.moto.gate import Gate
from pipeline.local.stack_keys import StackKeys
from tests.fuzz.effort import effort
from tests.fuzz.strategies import TEXTS

KEYS = StackKeys("A" * 20, "secret")
SCOPE = f"AWS4-HMAC-SHA256 Credential={'A' * 20}/20260101/eu-central-1/s3/aws4_request, "
SIGNED = SCOPE + "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64
LATIN = TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass").decode("latin-1"))
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            *(
                "HTTP_AUTHORIZATION",
                "HTTP_X_AMZ_DATE",
                "HTTP_X_AMZ_SECURITY_TOKEN",
                "HTTP_X_AMZ_CONTENT_SHA256",
            ),
            *("CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_HOST", "PATH_INFO", "QUERY_STRING", "HTTP_ORIGIN"),
        ]
    ),
    LATIN | st.sampled_from([SIGNED, SCOPE, "20260101T000000Z", "X-Amz-Algorithm=AWS4-HMAC-SHA256"]),
    max_size=6,
)


def never(*_: object) -> Iterator[bytes]:
    raise AssertionError("an unsigned request reached the control plane")


@effort()
@given(HEADERS, st.sampled_from(["GET", "POST", "OPTIONS", "x"]))
def test_no_request_without_the_right_signature_gets_through(headers: dict[str, str], method: str) -> None:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "1",
        "HTTP_HOST": "127.0.0.1:1",
        "REQUEST_URI": headers.get("PATH_INFO", "/"),
        "wsgi.input": io.BytesIO(b"body"),
        **headers,
    }
    statuses = []
    list(Gate(never, KEYS)(environ, lambda status, _headers: statuses.append(status)))
    assert statuses in (["403 Forbidden"], ["400 Bad Request"])
