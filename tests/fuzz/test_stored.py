"""Whatever became of what the store holds: it is read, or an error says what is damaged."""

import json

from hypothesis import example, given

from pipeline.core.errors import TandemError
from pipeline.core.platform import AppliedRelease, Platform
from pipeline.core.values import Source
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import TrailEntry
from pipeline.deploy.store.holder import this_process
from pipeline.deploy.store.holds import Hold
from pipeline.deploy.store.state import EnvironmentState
from tests.fuzz.effort import effort
from tests.fuzz.strategies import json_bytes, mutated
from tests.support.example_releases import PLATFORM, make_release

RELEASE = make_release("a")
COMMIT = RELEASE.commits[Source.APP]
STATE = EnvironmentState(
    1, 2, this_process("release", 60), 0, {Source.APP: Hold(COMMIT, (), "slow", "a", "b")}
)
ENTRY = {"release": 1, "outcome": "started", "at": "a", "by": "b", "reason": "", "token": 1, "sequence": 1}
_LONGEST = 2_000


def short(error: TandemError) -> None:
    assert len(error.message) < _LONGEST, error.message[:3_000]
    assert error.hint


@effort()
@given(json_bytes([json.loads(RELEASE.dump())]))
@example(b"[" * 3_000)
def test_a_manifest_is_read_or_damaged(content: bytes) -> None:
    try:
        release = Release.load(content)
    except TandemError as error:
        short(error)
        return
    assert Release.load(release.dump()) == release
    assert len(release.title) < _LONGEST


@effort()
@given(json_bytes([json.loads(STATE.dump())]))
@example(b"[" * 3_000)
def test_the_state_is_read_or_damaged(content: bytes) -> None:
    try:
        state = EnvironmentState.load(content)
    except TandemError as error:
        short(error)
        return
    assert EnvironmentState.load(state.dump()) == state
    assert state.holder is None or len(str(state.holder)) < _LONGEST
    assert state.holder is None or state.holder.is_dead in {True, False}


@effort()
@given(json_bytes([ENTRY]))
@example(b"[" * 3_000)
def test_an_entry_of_the_trail_is_read_or_damaged(content: bytes) -> None:
    try:
        TrailEntry.load(content)
    except TandemError as error:
        short(error)


@effort()
@given(mutated([json.loads(PLATFORM.model_dump_json())]))
def test_the_platforms_outputs_are_read_or_refused(outputs: object) -> None:
    try:
        Platform.parse(outputs)  # type: ignore[arg-type]
    except TandemError as error:
        short(error)


@effort()
@given(
    mutated([{"release_number": 1, "service_name": "a", "task_definition_arn": "b", "function_name": "c"}])
)
def test_what_terraform_applied_is_read_or_refused(outputs: object) -> None:
    try:
        AppliedRelease.parse(outputs)  # type: ignore[arg-type]
    except TandemError as error:
        short(error)
