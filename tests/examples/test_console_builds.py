"""The console's API shows builds, comparisons and triggers, and of them only what visitors may see."""

from dataclasses import replace

import pytest

from pipeline.compare import presets
from pipeline.compare.builds import StartedComparison
from pipeline.compare.measurement import Cell, Measurement, Variant
from pipeline.compare.scenarios import Scenario
from pipeline.core.steps import Step
from pipeline.records.build_records import Records
from pipeline.records.document import BUILD, MEASUREMENT, Document
from pipeline.records.shared import SharedRecords
from tests.records.example_record import RECORD
from tests.support.aws_access import aws
from tests.support.local_aws import mocked_aws

__all__ = ["mocked_aws"]


def _build(image, second, seconds=2.0, **changes):
    """A build by a release, in that second of a minute."""
    values = {"scenario": "", "run": "", "digest": f"sha256:{second:064x}", **changes}
    at = f"2026-01-02T00:{second // 60:02d}:{second % 60:02d}+00:00"
    return replace(RECORD, image=image, started_at=at, steps=(Step("build", seconds),), **values)


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


def _pages(api, **query):
    """The builds of all pages, page by page."""
    cursor, pages = "", []
    while cursor is not None:
        answer = api.get("/api/builds", params={**query, "cursor": cursor}).json()
        pages.append(answer["builds"])
        cursor = answer["next"]
    return pages


def test_builds_are_listed_newest_first_with_their_steps(api, records):
    for second, image in enumerate(["app", "static"]):
        records.add(_build(image, second, seconds=1.5))
    (page,) = _pages(api)
    assert [each["image"] for each in page] == ["static", "app"]
    assert page[0]["steps"] == [{"name": "build", "seconds": 1.5}]
    assert (page[0]["seconds"], page[0]["outcome"], page[0]["at"]) == (
        1.5,
        "built",
        "2026-01-02T00:00:01+00:00",
    )


def test_pages_of_one_image_follow_each_other_without_gap_or_overlap(api, records):
    for second in range(10):
        records.add(_build("app" if second % 2 else "static", second))
    pages = _pages(api, image="app", limit=2)
    assert [[each["at"][17:19] for each in page] for page in pages] == [["09", "07"], ["05", "03"], ["01"]]


def test_two_builds_of_one_moment_are_both_on_a_page(api, records):
    for image in ("app", "static", "api"):
        records.add(_build(image, 0))
    assert sorted(each["image"] for page in _pages(api, limit=1) for each in page) == ["api", "app", "static"]


def test_an_answer_reads_so_many_records_and_no_more(api, records, example, monkeypatch):
    monkeypatch.setattr(example("console.web_builds"), "_LOOKED_AT", 3)
    for second in range(7):
        records.add(_build("static" if second else "app", second))
    pages = _pages(api, image="app")
    assert [len(page) for page in pages] == [0, 0, 1]


def test_a_damaged_record_hides_no_other(api, records):
    records.add(_build("app", 1))
    for number, body in enumerate(
        ({}, {"steps": 5, "machine": "x"}, {"image": 1, "steps": [], "machine": ""})
    ):
        records.add(Document(BUILD, "2026-01-03", str(number), body))
    assert [[each["image"] for each in page] for page in _pages(api)] == [["app"]]
    assert [each["image"] for each in api.get("/api/builds/trend").json()["images"]] == ["app"]
    assert api.get("/api/comparisons").status_code == 200


def test_a_build_shows_no_account_and_nobody(api, records):
    arn = "arn:aws:iam::123456789012:role/build"
    records.add(_build("app", 1, outcome=f"{arn}: access denied", trigger="push to app by erika@laptop"))
    text = api.get("/api/builds").text
    assert "build: access denied" in text
    assert "123456789012" not in text
    assert "erika" not in text


def test_the_trend_has_each_images_builds_on_the_newest_machine(api, records):
    records.add(_build("app", 0, 90.0, machine="an older one"))
    for second in range(1, 13):
        records.add(_build("app", second, 8.0 if second < 3 else 2.0))
    records.add(_build("app", 50, 70.0, scenario="cold"))
    records.add(_build("app", 51, 80.0, outcome="no space left"))
    records.add(_build("static", 52))
    images = api.get("/api/builds/trend").json()["images"]
    assert [each["image"] for each in images] == ["app", "static"]
    assert [each["seconds"] for each in images[0]["builds"]] == [8.0, 8.0] + [2.0] * 10
    assert (images[0]["earlier"], images[0]["median"]) == (8.0, 2.0)
    (only,) = api.get("/api/builds/trend", params={"image": "app", "last": 3}).json()["images"]
    assert (len(only["builds"]), only["earlier"]) == (3, None)


def test_what_up_measured_is_a_comparison(api, records):
    for second, (image, seconds, sent) in enumerate(
        [("monolith", 15.0, 100), ("app", 2.0, 0), ("static", 3.0, 120)]
    ):
        records.add(_build(image, second, seconds, scenario="cold", run="r1", bytes_sent=sent))
    (found,) = api.get("/api/comparisons").json()["comparisons"]
    assert (found["run"], found["kind"], found["at"][17:19]) == ("r1", "up", "00")
    ((scenario,),) = [size["scenarios"] for size in found["sizes"]]
    split, bloated = scenario["variants"]["split-layers"], scenario["variants"]["monolith"]
    assert (bloated["median"], bloated["bytes_sent"]) == (15.0, 100)
    assert (split["median"], split["ratio"], split["bytes_sent"]) == (5.0, 3.0, 120)


def test_what_up_measured_has_the_bytes_that_changed(api, records):
    builds = [("monolith", "app-only", 300), ("app", "app-only", 300)]
    builds += [("monolith", "both", 500), ("app", "both", 300), ("static", "both", 200)]
    builds += [("monolith", "static-one-file", None), ("static", "static-one-file", None)]
    for second, (image, scenario, changed) in enumerate(builds):
        records.add(_build(image, second, scenario=scenario, run="r1", bytes_changed=changed))
    (found,) = api.get("/api/comparisons").json()["comparisons"]
    changed = {
        each["scenario"]: {name: result["bytes_changed"] for name, result in each["variants"].items()}
        for each in found["sizes"][0]["scenarios"]
    }
    assert changed == {
        "app-only": {"monolith": 300, "split-layers": 300},
        "both": {"monolith": 500, "split-layers": 500},
        "static-one-file": {"monolith": None, "split-layers": None},
    }


def test_a_build_that_changed_nothing_measured_nothing(api, records):
    records.add(_build("monolith", 0, 15.0, scenario="cold", run="r1"))
    records.add(_build("app", 1, 2.0, scenario="cold", run="r1", digest="sha256:same"))
    records.add(_build("app", 2, 0.1, scenario="app-only", run="r1", digest="sha256:same"))
    (found,) = api.get("/api/comparisons").json()["comparisons"]
    assert [each["scenario"] for each in found["sizes"][0]["scenarios"]] == ["cold"]


PLAN = presets.quick(1)


def _measure(records, variant, seconds, minute, **more):
    cell = Cell("150 MB", variant, Scenario.APP_ONLY)
    at = f"2026-01-04T00:{minute:02d}:00+00:00"
    records.add(Measurement("r2", at, cell, "this", seconds, seconds, **more))


def test_a_planned_comparison_has_medians_without_warm_ups_and_failures(api, records):
    records.add(StartedComparison("r2", "2026-01-04T00:00:00+00:00", PLAN, "this"))
    _measure(records, Variant.MONOLITH, 99.0, 1, is_warm_up=True)
    for minute, seconds in enumerate((10.0, 12.0, 30.0), 2):
        _measure(records, Variant.MONOLITH, seconds, minute, bytes_sent=1000)
    for minute, seconds in enumerate((2.0, 2.0, 4.0), 5):
        _measure(records, Variant.SPLIT_LAYERS, seconds, minute, bytes_changed=7, bytes_sent=9)
    _measure(records, Variant.SPLIT_LAYERS, 0.0, 9, error="no space left")
    records.add(Document(MEASUREMENT, "2026-01-05", "r2", {"cell": "none"}))
    (found,) = api.get("/api/comparisons").json()["comparisons"]
    (size,) = found["sizes"]
    variants = size["scenarios"][0]["variants"]
    assert (size["size"], variants["monolith"]["median"], variants["monolith"]["n"]) == ("150 MB", 12.0, 3)
    split = variants["split-layers"]
    assert (split["median"], split["least"], split["most"], split["ratio"]) == (2.0, 2.0, 4.0, 6.0)
    assert (split["failures"], split["bytes_changed"], split["bytes_sent"]) == (1, 7, 9)


def test_comparisons_come_in_pages_newest_first(api, records):
    for number in range(5):
        records.add(
            StartedComparison(f"p{number}", f"2026-01-0{number // 2 + 1}T00:00:00+00:00", PLAN, "this")
        )
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get("/api/comparisons", params={"limit": 2, "cursor": cursor}).json()
        seen.append([each["run"] for each in page["comparisons"]])
        cursor = page["next"]
    assert seen == [["p4", "p3"], ["p2", "p1"], ["p0"]]


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
