"""Each case is a folder with the input of a rendering and the expected request."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.fargate import check
from render.model import IMAGES, Logs, RenderInput, dump, render

CASES = sorted((Path(__file__).parent / "cases").iterdir())


def task(**changes: Any) -> RenderInput:
    values = json.loads((CASES[-1] / "input.json").read_text())
    values |= changes
    return RenderInput(**{**values, "logs": Logs(**values["logs"])})


def read(case: Path) -> RenderInput:
    values = json.loads((case / "input.json").read_text())
    return RenderInput(**{**values, "logs": Logs(**values["logs"])})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_renders_to_its_expected_request(case: Path) -> None:
    assert dump(render(read(case))) == (case / "expected.json").read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_layout_obeys_every_fargate_rule(case: Path) -> None:
    assert check(render(read(case))) == []


def test_every_layout_has_a_case() -> None:
    assert {read(case).layout for case in CASES} == set(IMAGES)


def test_a_missing_image_of_the_layout_is_an_error() -> None:
    with pytest.raises(KeyError, match="static"):
        render(task(layout="sidecar", images={"app": "repo@sha256:" + "a" * 64}))


@given(st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True), st.text(), max_size=4))
def test_any_value_survives_rendering_unchanged(environment: dict[str, str]) -> None:
    app = render(task(environment=environment))["containerDefinitions"][0]
    assert {item["name"]: item["value"] for item in app.get("environment", [])} == environment
