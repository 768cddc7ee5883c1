"""Files that are too large for an answer come by a link of S3 that reads one object for some minutes."""

import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from pipeline.deploy.store.files import FileObjects
from pipeline.local.moto import start_control_plane
from pipeline.records.document import BUILD, Document
from pipeline.records.publish import publish
from tests.support.signed_requests import client


@pytest.fixture
def folder(tmp_path):
    """The release store in a folder, as the API reads it."""
    return FileObjects(tmp_path)


def test_where_releases_are_files_an_export_is_the_file_itself(api, folder):
    key = publish(folder, [Document(BUILD, "2026-01-01", "r", {"image": "app"})], "csv")
    assert api.get("/api/exports").json() == {"exports": [{"name": "records.csv", "path": f"/api/{key}"}]}
    answer = api.get(f"/api/{key}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="records.csv"'
    assert "app" in answer.text


@pytest.mark.parametrize("name", ["none.json", "..", "%2e%2e%2fstate.json", "..%2Fmanifests%2F00000001.json"])
def test_nothing_but_exports_can_be_fetched(api, folder, name):
    folder.create("state.json", b"{}")
    folder.create("manifests/00000001.json", b"{}")
    publish(folder, [], "json")
    answer = api.get(f"/api/exports/{name}")
    assert (answer.status_code in {404, 422}, answer.headers["content-type"]) == (
        True,
        "application/problem+json",
    )


@pytest.mark.slow
def test_in_a_bucket_an_export_is_a_link_that_reads_it_and_nothing_else(api, monkeypatch, reconnect):
    plane = start_control_plane()
    try:
        s3 = client(plane, "s3")
        s3.create_bucket(
            Bucket="shop-releases", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        s3.put_object(Bucket="shop-releases", Key="prod/exports/records.json", Body=b"[]")
        s3.put_object(Bucket="shop-releases", Key="prod/state.json", Body=b"secret")
        for name, value in plane.environ().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("TANDEM_RELEASES", "s3://shop-releases/prod/")
        reconnect()
        answer = api.get("/api/exports/records.json")
        link = answer.headers["location"]
        assert (answer.status_code, answer.headers["cache-control"]) == (307, "no-store")
        assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["300"]
        assert httpx.get(link).content == b"[]"
        assert httpx.get(link.replace("exports/records.json", "state.json")).status_code == 403
        assert api.get("/api/exports/state.json").status_code == 404
    finally:
        plane.stop()


def test_a_published_file_names_nobody_and_no_cause(folder):
    documents = [
        Document(
            BUILD, "2026-01-01", "r", {"trigger": "push by erika@laptop", "outcome": "built", "layers": 3}
        ),
        Document(BUILD, "2026-01-02", "r", {"outcome": "arn:aws:iam::123456789012:role/x: access denied"}),
        Document("measurement", "2026-01-03", "r", {"error": "no space on /home/erika", "seconds": 1.0}),
    ]
    rows = json.loads(folder.read(publish(folder, documents, "json")).data)
    assert [{key: row.get(key) for key in ("outcome", "error", "layers")} for row in rows] == [
        {"outcome": "built", "error": None, "layers": 3},
        {"outcome": "failed", "error": None, "layers": None},
        {"outcome": None, "error": "failed", "layers": None},
    ]
    assert "erika" not in json.dumps(rows)
    assert "trigger" not in rows[0]


def test_publishing_again_replaces_the_file(folder):
    for run in ("one", "two"):
        key = publish(folder, [Document(BUILD, "2026-01-01", run, {})], "json")
    assert [row["run"] for row in json.loads(folder.read(key).data)] == ["two"]
