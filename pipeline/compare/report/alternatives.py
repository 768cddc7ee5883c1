"""The alternatives to the sidecar as the report's rows, modelled for the content that was measured."""

from dataclasses import dataclass

from pipeline.compare.alternatives import estimates, table
from pipeline.compare.alternatives.citations import Citation
from pipeline.compare.alternatives.machine_figures import MachineFigures, read
from pipeline.compare.alternatives.site_profile import site_of
from pipeline.compare.alternatives.words import WORDS
from pipeline.compare.report.report_content import ReportContent

_LEAST = 1_000_000


@dataclass(frozen=True)
class AlternativesSection:
    """The section of the page: the site, a row for each alternative, and the sources by number."""

    site: str
    head: tuple[str, ...]
    rows: list[tuple[str, list[tuple[str, str]]]]
    better: list[tuple[str, str]]
    sources: list[tuple[int, str, str]]


def section(content: ReportContent) -> AlternativesSection | None:
    """The section for the largest content that was measured; None if its size is not known."""
    size = max((each.content_bytes for each in content.measurements if each.counts), default=0)
    if size < _LEAST:
        return None
    measured = read()
    alternatives = estimates.alternatives(site_of(size), measured)
    return AlternativesSection(
        str(site_of(size)),
        table.HEAD,
        [(each.name, table.cells(each)) for each in alternatives],
        [(name, words.better) for name, words in WORDS.items()],
        _sources(alternatives, measured),
    )


def _sources(
    alternatives: list[estimates.Alternative], measured: MachineFigures
) -> list[tuple[int, str, str]]:
    cited_sources = {source for each in alternatives for figure in each.figures for source in figure.sources}
    return [
        (table.number(source), _words(source, measured), _link(source))
        for source in Citation
        if source in cited_sources
    ]


def _words(source: Citation, measured: MachineFigures) -> str:
    return f"measured on {measured.machine}" if source is Citation.MEASURED else source.words


def _link(source: Citation) -> str:
    """The address on the web; a file of the repository has none."""
    return source.address if source.address.startswith("https://") else ""
