"""Records that the console's API reads."""

from dataclasses import replace

import pytest

from pipeline.core.steps import Step
from pipeline.records.build_records import Records
from pipeline.records.shared import SharedRecords
from tests.records.example_record import RECORD
from tests.support.aws_access import aws
from tests.support.local_aws import mocked_aws

__all__ = ["mocked_aws"]


@pytest.fixture(params=["sqlite", pytest.param("dynamodb", marks=pytest.mark.slow)])
def records(request, tmp_path, monkeypatch, reconnect, api):  # noqa: ARG001 - `api` sets the variables first
    """The records that the API reads: in this machine's database, or in the environment's table."""
    if request.param == "sqlite":
        return Records(tmp_path / "records.sqlite")
    request.getfixturevalue("mocked_aws")
    aws().client("dynamodb").create_table(
        TableName="shop-dev-records",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    monkeypatch.setenv("TANDEM_RECORDS", "shop-dev-records")
    reconnect()
    return SharedRecords(aws(), "shop-dev-records")


def make_build(image, second, seconds=2.0, **changes):
    """A build by a release, in that second of a minute."""
    values = {"scenario": "", "run": "", "digest": f"sha256:{second:064x}", **changes}
    at = f"2026-01-02T00:{second // 60:02d}:{second % 60:02d}+00:00"
    return replace(RECORD, image=image, started_at=at, steps=(Step("build", seconds),), **values)
