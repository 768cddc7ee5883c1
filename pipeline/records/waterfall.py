"""Draw a run as a waterfall: a bar for each part, from its beginning to its end. Plain text, no colour."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.core.timeline import Span
from pipeline.records.run_record import RunRecord

WIDTH = 70  # columns: git puts "remote: " before each line
_SHORTEST = 0.05  # seconds; shorter parts have no line unless they failed
_DONE, _FAILED = "#", "x"


def lines(record: RunRecord, width: int = WIDTH) -> list[str]:
    """The waterfall: a line for each part in the order in which they began, then a line of totals."""
    spans = [span for span in record.spans if span.failed or span.seconds >= _SHORTEST]
    ordered = sorted(spans, key=lambda span: (span.began, span.depth))
    return [*_drawing(ordered, record.seconds, width).lines(), _totals(record)]


@dataclass(frozen=True)
class _Drawing:
    """A waterfall: `name`, `digits`, `bar` are widths of columns; a bar's character has `scale` seconds."""

    spans: Sequence[Span]
    name: int
    digits: int
    bar: int
    scale: float

    def lines(self) -> Iterator[str]:
        for span in self.spans:
            name = f"{_label(span):<{self.name}}"
            times = f"{span.began:{self.digits}.1f} {span.seconds:{self.digits}.1f} s"
            yield f"   {name} {times} {self._bar(span)}"

    def _bar(self, span: Span) -> str:
        first = min(int(span.began / self.scale), self.bar - 1)
        last = min(int(-(-(span.began + span.seconds) // self.scale)), self.bar)
        return " " * first + (_FAILED if span.failed else _DONE) * max(last - first, 1)


def _drawing(spans: Sequence[Span], total: float, width: int) -> _Drawing:
    name = max((len(_label(span)) for span in spans), default=0)
    digits = len(f"{total:.1f}")
    bar = max(width - len(f"    {'':{name}} {'':{digits}} {'':{digits}} s"), 10)
    return _Drawing(spans, name, digits, bar, max(total, _SHORTEST) / bar)


def _label(span: Span) -> str:
    return f"{'  ' * span.depth}{span.name}"


def _totals(record: RunRecord) -> str:
    serves = record.new_content is not None and not record.failed
    content = f"new content after {record.new_content:.1f} s, " if serves else ""
    bake = f" (bake {record.bake:.1f} s)" if record.bake >= _SHORTEST else ""
    return f"   {content}{'failed' if record.failed else 'done'} after {record.seconds:.1f} s{bake}"
