"""Write the alternatives as the tables of docs/guides/alternatives.md."""

from collections.abc import Callable, Iterable, Sequence

from pipeline.compare.alternatives.citations import Citation
from pipeline.compare.alternatives.estimates import Alternative, alternatives
from pipeline.compare.alternatives.figure import Estimate
from pipeline.compare.alternatives.machine_figures import MachineFigures
from pipeline.compare.alternatives.site_profile import SiteProfile
from pipeline.compare.alternatives.words import WORDS
from pipeline.terraform.cost.prices import REGION

_DATED = "2026-11"
_SECOND, _MILLI, _TEN, _HUNDRED = 1.0, 1e3, 10.0, 100.0
_BUSY_LOAD = 4.0
_BUSY = "The machine was busy: the p99, the sync and the file to S3 are longer than on an idle one."
_CENT = 0.005
"""Lines below half a cent are not shown."""
HEAD = ("", "page, p50", "page, p99", "added to a start", "one file published after", "a month")


def markdown(sites: Sequence[SiteProfile], measured: MachineFigures) -> str:
    """Everything that is generated in the guide."""
    parts = [_measured(measured)]
    parts += [_site(site, measured) for site in sites]
    parts += [_costs(sites[-1], measured), _words(), _sources(sites, measured)]
    return "\n\n".join(parts) + "\n"


def duration(figure: Estimate) -> str:
    """Such as `31 ms`, `38 to 249 s` or `nothing`."""
    if figure.high == 0:
        return "nothing"
    if figure.high < _SECOND:
        return _range(figure, _milliseconds, "ms")
    return _range(figure, lambda value: f"{value:.{0 if value >= _TEN else 1}f}", "s")


def _milliseconds(value: float) -> str:
    milli = value * _MILLI
    return f"{milli:.{0 if milli >= _HUNDRED else 1}f}"


def basis(figure: Estimate) -> str:
    """Whether it was measured or modelled, and the numbers of its sources."""
    if not figure.sources:
        return ""
    numbers = ", ".join(str(number(source)) for source in figure.sources)
    return f"{'measured' if figure.is_measured else 'modelled'} [{numbers}]"


def number(source: Citation) -> int:
    """The number of a source in the list of sources."""
    return list(Citation).index(source) + 1


def cells(alternative: Alternative) -> list[tuple[str, str]]:
    """The figures of one alternative, each with its basis."""
    figures = [(duration(each), basis(each)) for each in alternative.figures]
    return [*figures, (f"${alternative.dollars:,.2f}", "modelled")]


def _row(alternative: Alternative) -> list[str]:
    return [alternative.name, *(" ".join(filter(None, cell)) for cell in cells(alternative))]


def _range(figure: Estimate, text: Callable[[float], str], unit: str) -> str:
    low, high = text(figure.low), text(figure.high)
    return f"{low} {unit}" if low == high else f"{low} to {high} {unit}"


def _table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _measured(measured: MachineFigures) -> str:
    rows = [
        ["page of 50 KiB, nginx from its disk", _both(measured.file_p50, measured.file_p99)],
        ["the same from nginx's cache of S3", _both(measured.cached_p50, measured.cached_p99)],
        ["the same through nginx from S3", _both(measured.proxied_p50, measured.proxied_p99)],
        ["the same from S3 without nginx", _both(measured.direct_p50, measured.direct_p99)],
        ["one changed file to S3", f"{measured.put * _MILLI:.1f} ms"],
        [_content(measured, "from S3, 10 requests at a time"), f"{measured.sync:.1f} s"],
        [_content(measured, "copied from folder to folder"), f"{measured.copy:.1f} s"],
    ]
    head = (
        "### Measured here\n\n"
        f"{measured.machine}, load {measured.load:.1f}, {measured.measured_at[:10]}, n = {measured.n} pages."
        " S3 is a local server with S3's protocol (moto), on the loopback interface: its times are not"
        " S3's.\n\n"
    )
    busy = f"\n\n{_BUSY}" if measured.load > _BUSY_LOAD else ""
    return head + _table(("what", "p50 / p99"), rows) + busy


def _content(measured: MachineFigures, how: str) -> str:
    return f"{measured.content_bytes / 1e6:.0f} MB in {measured.files:,} files {how}"


def _both(p50: float, p99: float) -> str:
    return f"{p50 * _MILLI:.2f} / {p99 * _MILLI:.2f} ms"


def _site(site: SiteProfile, measured: MachineFigures) -> str:
    rows = [_row(each) for each in alternatives(site, measured)]
    return f"### {_name(site)}\n\nFor {site}.\n\n{_table(HEAD, rows)}"


def _name(site: SiteProfile) -> str:
    giga = site.content_bytes / 1e9
    return f"{giga:g} GB of content" if giga >= 1 else f"{site.content_bytes / 1e6:g} MB of content"


def _costs(site: SiteProfile, measured: MachineFigures) -> str:
    rows = [
        [each.name, f"{line.what}: {line.how}", f"${line.dollars:,.2f}"]
        for each in alternatives(site, measured)
        for line in each.costs
        if line.dollars >= _CENT
    ]
    head = (
        f"### What a month costs, {_name(site)}\n\n"
        f"US dollars, list prices of {REGION} looked up in {_DATED}, without free tiers; each price has its"
        " source in [`storage_prices.py`](../../pipeline/compare/alternatives/storage_prices.py) and in"
        " [the table of `tandem cost`](../../pipeline/terraform/cost/prices.py). Tasks and load"
        " balancer are not in it: every way has them.\n\n"
    )
    return head + _table(("", "for", "a month"), rows)


def _words() -> str:
    rows = [
        [name, words.versions, words.rollback, words.failure, words.better] for name, words in WORDS.items()
    ]
    return "### What no figure says\n\n" + _table(
        ("", "versions", "going back", "what breaks", "better when"), rows
    )


def _sources(sites: Sequence[SiteProfile], measured: MachineFigures) -> str:
    cited_sources = {
        source
        for site in sites
        for each in alternatives(site, measured)
        for figure in each.figures
        for source in figure.sources
    }
    lines = [
        f"{number(source)}. {f'[{source.words}]({source.address})' if source.address else source.words}"
        for source in Citation
        if source in cited_sources
    ]
    return "### Sources\n\n" + "\n".join(lines)
