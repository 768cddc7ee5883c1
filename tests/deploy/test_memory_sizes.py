"""Sizes of a function are billed, compared and chosen by what was measured."""

import base64

import pytest

from pipeline.aws.function_sizes import Invocation
from pipeline.core.errors import TandemError
from pipeline.deploy import memory_sizes
from pipeline.deploy.memory_sizes import MeasuredSize
from pipeline.terraform.cost.prices import Prices

PRICES = Prices(lambda_request=0.0, lambda_gib_second=0.001, lambda_arm_gib_second=0.0005)


def size(memory: int, milliseconds: float, dollars: float, error: str = "") -> MeasuredSize:
    return MeasuredSize(memory, milliseconds, milliseconds, 0.0, dollars, error)


def test_the_cold_invocation_does_not_count() -> None:
    invocations = [Invocation(900, init=400), *(Invocation(each) for each in (10, 12, 14))]
    measured = MeasuredSize.of(1024, invocations, arm=False, prices=PRICES)
    assert (measured.median, measured.p95, measured.init) == (12, 14, 400)


def test_each_invocation_is_billed_by_the_started_millisecond() -> None:
    invocations = [Invocation(1), Invocation(0.2), Invocation(1.5)]
    measured = MeasuredSize.of(2048, invocations, arm=False, prices=PRICES)
    assert measured.dollars == pytest.approx(1_000_000 * 2 * 0.0015 * 0.001)
    on_arm = MeasuredSize.of(2048, invocations, arm=True, prices=PRICES)
    assert on_arm.dollars == pytest.approx(measured.dollars / 2)


def test_a_size_with_one_failure_is_none() -> None:
    invocations = [Invocation(1), Invocation(1), Invocation(1, error="Runtime.OutOfMemory")]
    failed = MeasuredSize.of(128, invocations, arm=False)
    assert failed.error == "Runtime.OutOfMemory"
    assert memory_sizes.suggest([failed]) is None
    assert memory_sizes.suggest([failed, size(256, 9, 9)]) == size(256, 9, 9)


@pytest.mark.parametrize(
    ("sizes", "best"),
    [
        ([size(128, 100, 1.0), size(256, 50, 1.2), size(512, 25, 1.21)], 256),
        ([size(128, 100, 1.0), size(256, 99, 2.0)], 128),
        ([size(128, 100, 3.0), size(256, 20, 1.0), size(512, 20, 1.1)], 256),
    ],
)
def test_the_fastest_of_the_cheap_ones_is_suggested(sizes: list[MeasuredSize], best: int) -> None:
    chosen = memory_sizes.suggest(sizes)
    assert chosen is not None
    assert chosen.memory == best
    assert f"memory = {best} below [api]" in memory_sizes.advice(sizes, 4096)
    assert f"{best} MB, as released, is" in memory_sizes.advice(sizes, best)


def test_the_table_marks_the_released_size_and_shows_failures() -> None:
    lines = memory_sizes.table(
        [size(128, 0, 0, "too little"), size(256, 20, 1), size(512, 10, 2)], 512
    ).splitlines()
    assert [line.count("#") for line in lines] == [0, 0, 30, 15]
    assert ["*" in line for line in lines] == [False, False, False, True]
    assert "failed: too little" in lines[1]


@pytest.mark.parametrize("text", ["", "x", "128,", "127", "128,10241", "128;256", "9" * 5000])
def test_sizes_that_lambda_does_not_take_are_refused(text: str) -> None:
    with pytest.raises(TandemError, match="128 to 10240 MB"):
        memory_sizes.parse_sizes(text)


def test_sizes_are_measured_once_and_in_order() -> None:
    assert memory_sizes.parse_sizes("512, 128,512") == (128, 512)


def test_reports_are_read_as_text_and_as_json() -> None:
    from pipeline.aws.function_sizes import _reported  # noqa: PLC0415 - a private reader of foreign text

    text = (
        "INIT_START\nREPORT RequestId: 1\tDuration: 12.34 ms\tBilled Duration: 13 ms\tInit Duration: 300.5 ms"
    )
    as_json = '{"record":{"metrics":{"durationMs":1.5,"billedDurationMs":2,"initDurationMs":7.25}}}'
    assert (_reported("duration", text), _reported("init", text)) == (12.34, 300.5)
    assert (_reported("duration", as_json), _reported("init", as_json)) == (1.5, 7.25)
    assert _reported("duration", base64.b64encode(b"nothing").decode()) is None
