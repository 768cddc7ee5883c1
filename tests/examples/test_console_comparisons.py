"""The console's API shows comparisons: what `make up` measured, and what `tandem compare` did."""

from pipeline.compare import presets
from pipeline.compare.builds import StartedComparison
from pipeline.compare.measurement import Cell, Measurement, Variant
from pipeline.compare.scenarios import Scenario
from pipeline.records.document import MEASUREMENT, Document
from tests.examples.console_records import make_build, mocked_aws, records

__all__ = ["mocked_aws", "records"]

PLAN = presets.quick(1)


def test_what_up_measured_is_a_comparison(api, records):
    for second, (image, seconds, sent) in enumerate(
        [("monolith", 15.0, 100), ("app", 2.0, 0), ("static", 3.0, 120)]
    ):
        records.add(make_build(image, second, seconds, scenario="cold", run="r1", bytes_sent=sent))
    (comparison,) = api.get("/api/comparisons").json()["comparisons"]
    assert (comparison["run"], comparison["kind"], comparison["at"][17:19]) == ("r1", "up", "00")
    ((scenario,),) = [size["scenarios"] for size in comparison["sizes"]]
    split, bloated = scenario["variants"]["split-layers"], scenario["variants"]["monolith"]
    assert (bloated["median"], bloated["bytes_sent"]) == (15.0, 100)
    assert (split["median"], split["ratio"], split["bytes_sent"]) == (5.0, 3.0, 120)


def test_what_up_measured_has_the_bytes_that_changed(api, records):
    builds = [("monolith", "app-only", 300), ("app", "app-only", 300)]
    builds += [("monolith", "both", 500), ("app", "both", 300), ("static", "both", 200)]
    builds += [("monolith", "static-one-file", None), ("static", "static-one-file", None)]
    for second, (image, scenario, changed) in enumerate(builds):
        records.add(make_build(image, second, scenario=scenario, run="r1", bytes_changed=changed))
    (comparison,) = api.get("/api/comparisons").json()["comparisons"]
    changed = {
        each["scenario"]: {name: result["bytes_changed"] for name, result in each["variants"].items()}
        for each in comparison["sizes"][0]["scenarios"]
    }
    assert changed == {
        "app-only": {"monolith": 300, "split-layers": 300},
        "both": {"monolith": 500, "split-layers": 500},
        "static-one-file": {"monolith": None, "split-layers": None},
    }


def test_a_build_that_changed_nothing_measured_nothing(api, records):
    records.add(make_build("monolith", 0, 15.0, scenario="cold", run="r1"))
    records.add(make_build("app", 1, 2.0, scenario="cold", run="r1", digest="sha256:same"))
    records.add(make_build("app", 2, 0.1, scenario="app-only", run="r1", digest="sha256:same"))
    (comparison,) = api.get("/api/comparisons").json()["comparisons"]
    assert [each["scenario"] for each in comparison["sizes"][0]["scenarios"]] == ["cold"]


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
    (comparison,) = api.get("/api/comparisons").json()["comparisons"]
    (size,) = comparison["sizes"]
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
