"""Any delivery to the webhook: a push of a source, or refused in one short sentence."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.settings import Project, Settings
from pipeline.triggers.webhook.services import RefusedError, moved_sources, place_of, read_delivery
from tests.fuzz.effort import effort
from tests.fuzz.strategies import TEXTS, json_bytes, mutated
from tests.triggers.webhook.signed import _FOLDER, SECRET, URLS, sign

RECORDED = {service: json.loads((_FOLDER / f"{service}.json").read_text()) for service in URLS}
_LONGEST = 500


def refusal(headers: dict[str, str], body: bytes, repository: str) -> str:
    """Why the delivery is refused; empty if it is not."""
    sources = {name: {"repository": repository} for name in ("app", "static", "api")}
    project = Project(Path(), Settings.model_validate({"sources": sources}))
    try:
        moved = moved_sources(project, read_delivery(headers, body, [SECRET]).push)
    except RefusedError as refused:
        return refused.why
    assert all(len(commit) in {0, 40, 64} for commits in moved.values() for commit in commits)
    return ""


@effort()
@given(st.data(), st.sampled_from(sorted(URLS)))
def test_a_signed_delivery_moves_sources_or_is_refused(data: st.DataObject, service: str) -> None:
    recorded = RECORDED[service]
    content = data.draw(json_bytes([recorded["body"]]))
    kind = data.draw(st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/x"]))
    headers, body = sign(service, {**recorded["headers"], "content-type": kind}, content)
    assert len(refusal(headers, body, URLS[service])) < _LONGEST


@effort()
@given(mutated([recorded["headers"] for recorded in RECORDED.values()]), st.binary(max_size=50))
def test_headers_of_any_kind_are_refused(headers: dict[str, object], body: bytes) -> None:
    """Header values are text of one byte each, whatever the name."""
    plain = {
        name.encode("utf-8", "replace").decode("latin-1"): str(value)
        .encode("utf-8", "replace")
        .decode("latin-1")
        for name, value in headers.items()
    }
    why = refusal(plain, body, "https://git.example/you/site.git")
    assert 0 < len(why) < _LONGEST


@effort()
@given(TEXTS)
def test_a_url_of_any_kind_is_a_place_or_none(url: str) -> None:
    place_of(url)
