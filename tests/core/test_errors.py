"""No error shows what an address must keep secret, whether Tandem or another program reported it."""

import pytest

from pipeline.core.errors import TandemError, error_reason

REPORTS = [
    'Get "https://bucket.s3.amazonaws.com/blob?X-Amz-Signature=hunter2&x=y": dial tcp: i/o timeout',
    "Failed to parse: http://ci:hunter2@proxy:99999",
    "cannot reach postgresql://api:hunter2@db.example/shop",
    "HTTPSConnection to https://hunter2@registry.example/v2/ failed",
]


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("kind", [TandemError, OSError])
def test_an_address_is_shown_without_password_and_signature(report, kind):
    error = kind(report)
    assert "hunter2" not in error_reason(error)
    assert len(error_reason(error)) > len(report) // 2
    if kind is TandemError:
        assert "hunter2" not in f"{error}"


def test_other_text_stays_as_it_is():
    text = "is it there? ssh://git@host/x and git@host:x@1, 10 % of https://example.com/a@b"
    assert TandemError(text).message == text
