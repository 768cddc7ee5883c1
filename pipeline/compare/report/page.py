"""Write a report as one HTML page that loads nothing."""

import re
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.compare.build_plan import needed_runs
from pipeline.compare.report import findings
from pipeline.compare.report.alternatives import section
from pipeline.compare.report.cautions import cautions
from pipeline.compare.report.charts import bytes_chart, runs_chart
from pipeline.compare.report.report_content import ReportContent
from pipeline.compare.report.rows import rows
from pipeline.compare.report.sections import sections
from pipeline.compare.report.waterfall import waterfall_chart
from pipeline.compare.results import CellResult
from pipeline.compare.scenarios import Scenario

_SHOWN_STEPS = (Scenario.STATIC_ONE_FILE, Scenario.APP_ONLY)


def page(content: ReportContent) -> str:
    """The page."""
    environment = Environment(
        loader=PackageLoader("pipeline.compare.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("page.html.j2").render(**_values(content))


def _values(content: ReportContent) -> dict[str, Any]:
    sizes = content.sizes
    charts = [bytes_chart(content, size) for size in sizes]
    shown_size = findings.shown_size(content)
    waterfalls = [waterfall_chart(content, shown_size, scenario) for scenario in _SHOWN_STEPS]
    return {
        "date": content.started.started_at[:10],
        "run": content.started.run,
        # No line ends between a number and its unit.
        "headline": re.sub(r"(\d) s\b", "\\1\N{NO-BREAK SPACE}s", findings.headline(content)),
        "sizes": _and([findings.size_name(size) for size in sizes]),
        "builds": sum(each.counts for each in content.measurements),
        "cells": sum(result.summary is not None for result in content.results),
        "ratios": findings.ratios(content),
        "shown": findings.size_name(shown_size),
        "cautions": cautions(content),
        "article": article(content),
        "run_charts": [runs_chart(content, size) for size in sizes],
        "waterfalls": [chart for chart in waterfalls if chart],
        "byte_charts": [chart for chart in charts if chart],
        "history": findings.history(content),
        "sections": sections(content),
        "losses": findings.losses(content),
        "alternatives": section(content),
        "tables": [{"title": findings.size_name(size), "rows": rows(content, size)} for size in sizes],
        "failures": [f"{each.cell}: {each.error}" for each in content.failures],
        "facts": facts(content),
        "comparisons": sum(result.difference is not None for result in content.results),
        "needed": needed_runs(sum(result.difference is not None for result in content.results)),
        "commands": findings.commands(content),
    }


def facts(content: ReportContent) -> list[tuple[str, str]]:
    """Machine, tools, time and sources of the comparison."""
    measurements = [each for each in content.measurements if each.counts]
    sizes = sorted({each.content_bytes for each in measurements if each.content_bytes})
    loads = [each.load for each in measurements if each.load is not None]
    pairs = [
        ("machine", content.started.machine),
        ("measured", f"{content.started.started_at[:16].replace('T', ' ')} UTC"),
        ("tools", ", ".join(f"{name} {version}" for name, version in sorted(content.started.tools.items()))),
        ("content", ", ".join(dict.fromkeys(map(findings.megabytes, sizes)))),
        ("load before a build", f"{min(loads):.1f} to {max(loads):.1f}" if loads else ""),
        ("commits of the first build", ", ".join(measurements[0].commits) if measurements else ""),
        ("order drawn by", f"seed {content.plan.seed}" if content.plan.seed else ""),
    ]
    return [(name, value) for name, value in pairs if value]


@dataclass(frozen=True)
class MeasuredText:
    """A median such as `8.91 s`, and its 95 % interval and builds such as `8.70 s to 9.20 s, n = 10`."""

    median: str
    spread: str = ""

    def __str__(self) -> str:
        return f"{self.median} ({self.spread})" if self.spread else self.median


@dataclass(frozen=True)
class ArticleTexts:
    """A row of the article's table, as texts; `measured` are the bloated image and the split's changes."""

    size: str
    article: str
    measured: tuple[MeasuredText, ...]


def article(content: ReportContent) -> list[ArticleTexts]:
    """The rows of the article's table, as texts."""
    return [
        ArticleTexts(
            row.size,
            findings.seconds(row.article),
            tuple(map(_measured, (row.bloated, row.app_only, row.one_file))),
        )
        for row in findings.article_rows(content)
    ]


def _measured(result: CellResult | None) -> MeasuredText:
    if result is None or result.summary is None:
        return MeasuredText("not measured")
    summary, interval = result.summary, ""
    if summary.low is not None and summary.high is not None:
        interval = f"{findings.seconds(summary.low)} to {findings.seconds(summary.high)}, "
    return MeasuredText(findings.seconds(summary.median), f"{interval}n = {summary.n}")


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
