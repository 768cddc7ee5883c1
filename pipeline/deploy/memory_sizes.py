"""What a function does with each amount of memory: times, cost, and the size to choose. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil
from statistics import median
from typing import Any

from pipeline.aws.function_sizes import Invocation
from pipeline.core.errors import TandemError
from pipeline.terraform.cost.prices import PRICES, Prices

SIZES = (128, 256, 512, 1024, 1769, 3008)
_LEAST, _MOST = 128, 10240
_MILLION = 1_000_000
_MIB = 1024
_BAR = 30
_MEMORY_OF_ONE_CPU = 1769
_TOLERATED = 1.2
"""A size that costs up to this much of the cheapest is chosen if it is faster."""


def parse_sizes(text: str) -> tuple[int, ...]:
    """The sizes in a text such as `128,512`, ascending.

    Raises:
        TandemError: one is not a number that Lambda takes.
    """
    try:
        sizes = sorted({int(part) for part in text.split(",")})
    except ValueError:
        sizes = []
    if not sizes or sizes[0] < _LEAST or sizes[-1] > _MOST:
        raise TandemError(
            f"not sizes of memory: {text[:80]!r}; Lambda takes {_LEAST} to {_MOST} MB",
            hint=f"tandem tune api --sizes {','.join(map(str, SIZES))}",
        )
    return tuple(sizes)


@dataclass(frozen=True)
class MeasuredSize:
    """One amount of memory: milliseconds of warm invocations, of the start, and dollars for a million."""

    memory: int
    median: float
    p95: float
    init: float
    dollars: float
    error: str = ""

    @classmethod
    def of(
        cls, memory: int, invocations: Sequence[Invocation], *, arm: bool, prices: Prices = PRICES
    ) -> "MeasuredSize":
        """From the invocations, of which the first is the cold one."""
        init = max((each.init for each in invocations), default=0.0)
        error = next((each.error for each in invocations if each.error), "")
        warm = sorted(each.milliseconds for each in invocations[1:] or invocations)
        if error or not warm:
            return cls(memory, 0.0, 0.0, init, 0.0, error or "it was not invoked")
        last = warm[ceil(0.95 * len(warm)) - 1]
        return cls(memory, median(warm), last, init, _cost(memory, warm, prices, arm=arm))

    @property
    def cpus(self) -> float:
        """The vCPUs that Lambda gives."""
        return self.memory / _MEMORY_OF_ONE_CPU


def _cost(memory: int, warm: Sequence[float], prices: Prices, *, arm: bool) -> float:
    """Dollars of a million such invocations; each is billed by the started millisecond."""
    gib_second = prices.lambda_arm_gib_second if arm else prices.lambda_gib_second
    seconds = sum(ceil(each) for each in warm) / len(warm) / 1000
    return _MILLION * (prices.lambda_request + memory / _MIB * seconds * gib_second)


def suggest(sizes: Sequence[MeasuredSize]) -> MeasuredSize | None:
    """The fastest size that costs little more than the cheapest; None if none worked."""
    candidates = [each for each in sizes if not each.error]
    if not candidates:
        return None
    most = _TOLERATED * min(each.dollars for each in candidates)
    cheap = (each for each in candidates if each.dollars <= most)
    return min(cheap, key=lambda each: (each.median, each.memory))


def table(sizes: Sequence[MeasuredSize], current: int) -> str:
    """Times and cost of each size, with a bar for the median; `*` is the released size."""
    slowest = max((each.median for each in sizes), default=0.0) or 1.0
    rows = [_row(each, current, slowest) for each in sizes]
    return "\n".join([f"{'memory':>9}  {'vCPU':>4}  {'median':>10}  {'p95':>10}  {'a million':>9}", *rows])


def _row(size: MeasuredSize, current: int, slowest: float) -> str:
    mark = "*" if size.memory == current else " "
    head = f"{size.memory:>5} MB{mark}  {size.cpus:>4.2f}"
    if size.error:
        return f"{head}  failed: {size.error}"
    bar = "#" * max(1, round(_BAR * size.median / slowest))
    return f"{head}  {size.median:>7.1f} ms  {size.p95:>7.1f} ms  {size.dollars:>8.2f}$  {bar}"


def advice(sizes: Sequence[MeasuredSize], current: int) -> str:
    """The suggestion in one sentence."""
    best = suggest(sizes)
    if best is None:
        return "no size worked"
    if best.memory == current:
        return (
            f"{current} MB, as released, is the fastest size that costs at most "
            f"{_TOLERATED - 1:.0%} more than the cheapest"
        )
    return (
        f"suggestion: memory = {best.memory} below [api] in tandem.toml: {best.median:.1f} ms, "
        f"{best.dollars:.2f} dollars for a million"
    )


def to_json(sizes: Sequence[MeasuredSize], current: int, *, is_local: bool) -> dict[str, Any]:
    """The same as JSON values."""
    best = suggest(sizes)
    return {
        "released": current,
        "suggested": best.memory if best else None,
        "local": is_local,
        "sizes": [asdict(each) | {"cpus": each.cpus} for each in sizes],
    }
