"""A signature covers the parts of a request that identify it; AWS's own example is one of the tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from pipeline.local.moto.signature import Signature, SignedRequest

# https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html: "get-vanilla" of AWS's test suite.
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SCOPE = "AKIDEXAMPLE00000/20150830/us-east-1/service/aws4_request"
HEADERS = {
    "host": "example.amazonaws.com",
    "x-amz-date": "20150830T123600Z",
    "authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;x-amz-date, "
    "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
}
REQUEST = SignedRequest("GET", "/", HEADERS, EMPTY)
NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)


def signature(**headers):
    authorization = Signature.of(HEADERS | headers, "")
    assert authorization is not None
    return authorization


def test_awss_own_example_is_right():
    assert signature().is_made_with(SECRET, REQUEST)
    assert not signature().is_made_with(SECRET + "x", REQUEST)


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, method="PUT"),
        replace(REQUEST, target="/x"),
        replace(REQUEST, target="/?x=y"),
        replace(REQUEST, payload_hash="0" * 64),
        replace(REQUEST, headers=HEADERS | {"host": "other"}),
        replace(REQUEST, headers={"x-amz-date": "20150830T123600Z"}),
    ],
)
def test_another_request_has_another_signature(other):
    assert not signature().is_made_with(SECRET, other)


@pytest.mark.parametrize("names", [("host",), ("x-amz-date",)])
def test_host_and_date_must_be_signed(names):
    """Even by who has the secret: such a request could be sent again elsewhere, or later."""
    weak = replace(signature(), signed_headers=names)
    strong = replace(weak, value=weak._expected(SECRET, REQUEST))
    assert not strong.is_made_with(SECRET, REQUEST)


@pytest.mark.parametrize(("minutes", "expected"), [(-16, False), (-14, True), (14, True), (16, False)])
def test_it_is_valid_for_a_quarter_of_an_hour(minutes, expected):
    assert signature().is_current(NOW + timedelta(minutes=minutes)) is expected


@pytest.mark.parametrize("date", ["", "20150831T123600Z", "yesterday", "20150830T996600Z", "20150830"])
def test_its_date_is_the_scopes(date):
    moment = NOW + timedelta(days=date.startswith("20150831"))
    assert not signature(**{"x-amz-date": date}).is_current(moment)


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADERS["authorization"] + "0",
        HEADERS["authorization"] + "\n",
        "X " + HEADERS["authorization"],
        HEADERS["authorization"].replace("aws4_request", "aws5_request"),
        HEADERS["authorization"].replace("Credential=", "Credential=AKIAOTHER00000000/1/2/3/4, Credential="),
        HEADERS["authorization"].replace("5fa0", "5FA0"),
    ],
)
def test_another_form_is_no_signature(text):
    assert Signature.of(HEADERS | {"authorization": text}, "") is None


@pytest.mark.parametrize(
    ("seconds", "is_one"), [("60", True), ("604800", True), ("604801", False), ("0", False)]
)
def test_a_presigned_request_is_valid_for_a_week_at_most(seconds, is_one):
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": SCOPE,
        "X-Amz-Date": "20150830T123600Z",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "0" * 64,
        "X-Amz-Expires": seconds,
    }
    assert (Signature.of({"host": "x"}, urlencode(query)) is not None) is is_one
