"""All paths of the console's records: without any, with wrong parameters, or if they cannot be read."""

import pytest

from tests.examples.console_records import mocked_aws, records

pytestmark = pytest.mark.slow

__all__ = ["mocked_aws", "records"]


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("path", ["/api/builds", "/api/builds/trend", "/api/comparisons", "/api/queue"])
def test_an_environment_without_any_answers_empty_lists(api, path):
    answer = api.get(path)
    assert answer.status_code == 200
    assert not any(answer.json().values())
    again = api.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("path", ["builds", "comparisons"])
@pytest.mark.parametrize("cursor", ["x", "%00", "YmVmb3Jl", "Y" * 400, "é"])
def test_a_cursor_that_nobody_gave_out_is_a_400(api, path, cursor):
    answer = api.get(f"/api/{path}", params={"cursor": cursor})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize(
    "path",
    ["builds?limit=0", "builds?limit=101", "builds/trend?last=1000", "comparisons?limit=x", "queue?limit=-1"],
)
def test_wrong_parameters_are_a_problem_with_422(api, path):
    answer = api.get(f"/api/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["builds", "builds/trend", "comparisons", "queue"])
def test_nothing_can_be_changed(api, method, path):
    assert api.request(method, f"/api/{path}").status_code == 405


@pytest.mark.parametrize("place", ["", "/proc/version", "no-such-table"])
@pytest.mark.parametrize("path", ["builds", "builds/trend", "comparisons"])
def test_records_that_cannot_be_read_are_a_503(api, monkeypatch, reconnect, mocked_aws, place, path):  # noqa: ARG001, PLR0917, PLR0913
    monkeypatch.setenv("TANDEM_RECORDS", place)
    reconnect()
    answer = api.get(f"/api/{path}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "TANDEM" not in answer.text


def test_the_description_names_each_path(api):
    paths = api.get("/api/openapi.json").json()["paths"]
    assert {"/api/builds", "/api/builds/trend", "/api/comparisons", "/api/queue"} <= paths.keys()
    assert {method for path in paths if path.startswith("/api/build") for method in paths[path]} == {"get"}


@pytest.mark.parametrize("path", ["builds", "builds/trend", "comparisons"])
def test_a_table_in_no_region_cannot_be_read_now(api, reconnect, monkeypatch, tmp_path, path):
    monkeypatch.setenv("TANDEM_RECORDS", "shop-dev-records")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    reconnect()
    assert api.get(f"/api/{path}").status_code == 503
