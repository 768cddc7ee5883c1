"""The console's API shows builds and their trend, and of them only what visitors may see."""

import pytest

from pipeline.records.document import BUILD, Document
from tests.examples.console_records import make_build, mocked_aws, records

pytestmark = pytest.mark.slow

__all__ = ["mocked_aws", "records"]


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
        records.add(make_build(image, second, seconds=1.5))
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
        records.add(make_build("app" if second % 2 else "static", second))
    pages = _pages(api, image="app", limit=2)
    assert [[each["at"][17:19] for each in page] for page in pages] == [["09", "07"], ["05", "03"], ["01"]]


def test_two_builds_of_one_moment_are_both_on_a_page(api, records):
    for image in ("app", "static", "api"):
        records.add(make_build(image, 0))
    assert sorted(each["image"] for page in _pages(api, limit=1) for each in page) == ["api", "app", "static"]


def test_an_answer_reads_so_many_records_and_no_more(api, records, example, monkeypatch):
    monkeypatch.setattr(example("console.web_builds"), "_LOOKED_AT", 3)
    for second in range(7):
        records.add(make_build("static" if second else "app", second))
    pages = _pages(api, image="app")
    assert [len(page) for page in pages] == [0, 0, 1]


def test_a_damaged_record_hides_no_other(api, records):
    records.add(make_build("app", 1))
    for number, body in enumerate(
        ({}, {"steps": 5, "machine": "x"}, {"image": 1, "steps": [], "machine": ""})
    ):
        records.add(Document(BUILD, "2026-01-03", str(number), body))
    assert [[each["image"] for each in page] for page in _pages(api)] == [["app"]]
    assert [each["image"] for each in api.get("/api/builds/trend").json()["images"]] == ["app"]
    assert api.get("/api/comparisons").status_code == 200


def test_a_build_shows_no_account_and_nobody(api, records):
    arn = "arn:aws:iam::123456789012:role/build"
    records.add(make_build("app", 1, outcome=f"{arn}: access denied", trigger="push to app by erika@laptop"))
    text = api.get("/api/builds").text
    assert "build: access denied" in text
    assert "123456789012" not in text
    assert "erika" not in text


def test_the_trend_has_each_images_builds_on_the_newest_machine(api, records):
    records.add(make_build("app", 0, 90.0, machine="an older one"))
    for second in range(1, 13):
        records.add(make_build("app", second, 8.0 if second < 3 else 2.0))
    records.add(make_build("app", 50, 70.0, scenario="cold"))
    records.add(make_build("app", 51, 80.0, outcome="no space left"))
    records.add(make_build("static", 52))
    images = api.get("/api/builds/trend").json()["images"]
    assert [each["image"] for each in images] == ["app", "static"]
    assert [each["seconds"] for each in images[0]["builds"]] == [8.0, 8.0] + [2.0] * 10
    assert (images[0]["earlier"], images[0]["median"]) == (8.0, 2.0)
    (only,) = api.get("/api/builds/trend", params={"image": "app", "last": 3}).json()["images"]
    assert (len(only["builds"]), only["earlier"]) == (3, None)
