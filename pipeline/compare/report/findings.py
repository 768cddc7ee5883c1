"""What a comparison found, in sentences: the headline, the ratios, and where the split loses."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.compare.build_plan import OWN
from pipeline.compare.measurement import Variant
from pipeline.compare.presets import ARTICLE_SECONDS
from pipeline.compare.report.report_content import ReportContent
from pipeline.compare.results import NO_DIFFERENCE, CellResult
from pipeline.compare.scenarios import Scenario

VARIANT_NAMES = {
    Variant.MONOLITH: "bloated image",
    Variant.SPLIT_DOCKERFILE: "split, Dockerfile",
    Variant.SPLIT_LAYERS: "split, direct layers",
    Variant.FUSED: "fused",
}
SCENARIO_NAMES = {
    Scenario.COLD: "first build",
    Scenario.NOTHING: "no change",
    Scenario.APP_ONLY: "change in the app",
    Scenario.STATIC_ONE_FILE: "one content file",
    Scenario.STATIC_ONE_PERCENT: "1 % of the content",
    Scenario.BOTH: "app and one content file",
}
_HEADLINES = (Scenario.STATIC_ONE_FILE, Scenario.APP_ONLY, Scenario.BOTH, Scenario.STATIC_ONE_PERCENT)
_SPLITS = (Variant.SPLIT_LAYERS, Variant.FUSED, Variant.SPLIT_DOCKERFILE)
_MORE = 1.02
"""From this ratio on more bytes sent are named a loss."""
_FELT = 0.02
"""Seconds that nobody feels are no loss."""
_HUNDRED, _TEN = 100, 10
_HOUR, _MINUTE = 3600, 60


@dataclass(frozen=True)
class Ratio:
    """A result against the bloated image, in words."""

    title: str
    value: str
    detail: str
    is_slower: bool


@dataclass(frozen=True)
class ArticleRow:
    """One size: what the article reports for the bloated image, and what was measured here."""

    size: str
    article: float
    bloated: CellResult | None
    app_only: CellResult | None
    one_file: CellResult | None


def size_name(size: str) -> str:
    """The size as a reader knows it."""
    return "your own content" if size == OWN else f"{size} of content"


def times(ratio: float) -> str:
    """Such as 313x, 12.8x or 0.92x."""
    if ratio >= _HUNDRED:
        return f"{ratio:.0f}x"
    return f"{ratio:.1f}x" if ratio >= _TEN else f"{ratio:.2f}x"


def shown_size(content: ReportContent) -> str:
    """The largest size whose change of every day has an interval; the largest of all if none has."""
    for size in reversed(content.sizes):
        for scenario in _HEADLINES:
            result = _best(content, size, scenario)
            if result and result.difference and result.difference.low is not None:
                return size
    return content.sizes[-1]


def headline(content: ReportContent) -> str:
    """One sentence on the size that is shown: the change of every day, with its ratio."""
    size = shown_size(content)
    for scenario in _HEADLINES:
        result = _best(content, size, scenario)
        if result and result.difference and result.summary:
            bloated = content.find(size, Variant.MONOLITH, scenario)
            before = seconds(bloated.summary.median) if bloated and bloated.summary else ""
            now, ratio = seconds(result.summary.median), times(result.difference.ratio)
            name = SCENARIO_NAMES[scenario]
            where = f"{size_name(size)}, {name}" if len(content.sizes) > 1 else name.capitalize()
            return f"{where}: {now} instead of {before}, {ratio} as fast"
    return f"Build times of {', '.join(map(size_name, content.sizes))}"


def seconds(value: float) -> str:
    """Seconds with the digits that matter."""
    return f"{value:.2f} s" if value < _TEN else f"{value:.1f} s"


def duration(seconds: float) -> str:
    """Such as 5 h 12 min, 9 min 3 s or 12 s."""
    total = round(seconds)
    if total >= _HOUR:
        return f"{total // _HOUR} h {total % _HOUR // _MINUTE} min"
    return f"{total // _MINUTE} min {total % _MINUTE} s" if total >= _MINUTE else f"{total} s"


def ratios(content: ReportContent) -> list[Ratio]:
    """The ratio of each scenario on the size that is shown."""
    size = shown_size(content)
    cards = []
    for scenario in content.plan.scenarios:
        result = _best(content, size, scenario)
        if result and result.difference:
            ratio = result.difference.ratio
            cards.append(Ratio(SCENARIO_NAMES[scenario], times(ratio), _detail(result), ratio < 1))
    return cards


def _best(content: ReportContent, size: str, scenario: Scenario) -> CellResult | None:
    """The result of the split that is recommended: direct layers if they were measured."""
    return next(
        (
            result
            for variant in _SPLITS
            if (result := content.find(size, variant, scenario)) and result.difference
        ),
        None,
    )


def _detail(result: CellResult) -> str:
    difference = result.difference
    if difference is None:
        return ""
    n = f"n = {difference.n[0]} + {difference.n[1]}"
    if difference.low is None or difference.high is None:
        return f"{n}: too few for an interval"
    text = f"95 % interval {times(difference.low)} to {times(difference.high)}, {n}"
    return text if result.verdict in {"faster", "slower"} else f"{text}; {result.verdict}"


def history(content: ReportContent) -> list[str]:
    """What the team's last commits waited, as sentences; empty if `compare history` did not run."""
    totals = content.history
    if not totals:
        return []
    before, after = duration(totals["bloated_seconds"]), duration(totals["split_seconds"])
    waiting_times = f"would have waited {before} for the bloated image, and {after} for the split"
    kinds = f"{totals['app']} changed the app, {totals['static']} the content, {totals['both']} both"
    model = f"Times are modelled from comparison {totals['basis']}"
    return [
        f"Your last {totals['commits']} commits {waiting_times}.",
        f"{kinds}, {totals['neither']} neither. {model}.",
    ]


def losses(content: ReportContent) -> list[str]:
    """Where the split is slower, sends more, or costs what was not measured here."""
    return [*_measured_losses(content), *_known_losses(has_starts="start" in content.experiments)]


def _measured_losses(content: ReportContent) -> Iterator[str]:
    for result in content.results:
        cell, bloated = result.cell, None
        if cell.variant is not Variant.MONOLITH and result.summary:
            bloated = content.find(cell.size, Variant.MONOLITH, cell.scenario)
        if bloated is None:
            continue
        where = f"{VARIANT_NAMES[cell.variant]}, {SCENARIO_NAMES[cell.scenario]}, {size_name(cell.size)}"
        drawbacks = [*_time_loss(result, bloated), *_bytes_loss(result, bloated)]
        if drawbacks:
            yield f"{where}: {', '.join(drawbacks)}"


def _time_loss(result: CellResult, bloated: CellResult) -> Iterator[str]:
    if result.summary is None or bloated.summary is None or result.verdict == NO_DIFFERENCE:
        return
    own, other = result.summary.median, bloated.summary.median
    if own > other + _FELT:
        doubt = "" if result.verdict == "slower" else f" ({result.verdict})"
        yield f"{seconds(own)} against {seconds(other)}{doubt}"


def _bytes_loss(result: CellResult, bloated: CellResult) -> Iterator[str]:
    own, other = result.bytes_sent, bloated.bytes_sent
    if own and other and own > _MORE * other:
        yield f"{megabytes(own)} sent against {megabytes(other)}"


def _known_losses(*, has_starts: bool) -> list[str]:
    start = (
        "Start of a task (layout sidecar): Fargate caches no layers, so each task pulls all content and"
        " copies it into its volume before nginx starts."
    )
    where = (
        "The section on starts says how long." if has_starts else "This report measures builds, not starts."
    )
    return [f"{start} {where}", "Two images and two repositories have to be kept and released together."]


def megabytes(count: float) -> str:
    """Such as 139.5 MB or 0.01 MB."""
    mega = count / 1e6
    return f"{mega:.1f} MB" if mega >= _TEN else f"{mega:.2f} MB"


def article_rows(content: ReportContent) -> list[ArticleRow]:
    """The article's figures beside those measured here; empty if none of its sizes was measured."""
    return [
        ArticleRow(
            size,
            ARTICLE_SECONDS[size],
            content.find(size, Variant.MONOLITH, Scenario.COLD),
            _best(content, size, Scenario.APP_ONLY),
            _best(content, size, Scenario.STATIC_ONE_FILE),
        )
        for size in content.sizes
        if size in ARTICLE_SECONDS
    ]


def commands(content: ReportContent) -> list[str]:
    """The commands that repeat the comparison."""
    plan = content.plan
    if plan.preset == "up":
        return ["make up", "tandem compare"]
    words = ["tandem compare builds"]
    words += [f'--size "{size}"' if " " in size else f"--size {size}" for size, _ in plan.sizes]
    words += [f"--variant {variant}" for variant in plan.variants]
    words += [f"--scenario {scenario}" for scenario in plan.scenarios]
    words += [f"--runs {plan.least}", f"--minutes {plan.budget / 60:g}", f"--seed {plan.seed}"]
    return ["make up", " ".join(words), "tandem report"]
