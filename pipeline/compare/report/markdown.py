"""Write a report as Markdown, for a comment on a pull request, or as JSON."""

import json

from pipeline.compare.measurement import json_rows
from pipeline.compare.report import findings
from pipeline.compare.report.cautions import cautions
from pipeline.compare.report.page import article, facts
from pipeline.compare.report.report_content import ReportContent
from pipeline.compare.report.rows import rows
from pipeline.compare.report.section import Section
from pipeline.compare.report.sections import experiments_json, sections


def markdown(content: ReportContent) -> str:
    """The headline, a table for each size, losses and how it was measured."""
    parts = [f"### {findings.headline(content)}", *cautions(content), *findings.history(content)]
    parts += _article(content)
    parts += [
        "\n".join([f"**{findings.size_name(size)}**", "", *_table(content, size)]) for size in content.sizes
    ]
    parts += [part for section in sections(content) for part in _section(section)]
    parts.append(
        "\n".join(["**Where the split loses**", "", *(f"- {it}" for it in findings.losses(content))])
    )
    measured = "\n".join(f"- {name}: {_plain(value)}" for name, value in facts(content))
    commands = "\n".join(f"    {command}" for command in findings.commands(content))
    parts.append(f"<details><summary>How it was measured</summary>\n\n{measured}\n\n{commands}\n\n</details>")
    return "\n\n".join(parts) + "\n"


def _article(content: ReportContent) -> list[str]:
    rows = article(content)
    if not rows:
        return []
    head = ("content", "article, bloated", "here, bloated", "here, app changed", "here, one file changed")
    lines = [
        head,
        ("---", *["---:"] * 4),
        *((row.size, row.article, *map(str, row.measured)) for row in rows),
    ]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return [
        "**The article's sizes**",
        "The article reports one build for each size, on its author's machine. Here: median, 95 % interval.",
        table,
    ]


def _section(section: Section) -> list[str]:
    """The section without its charts, whose figures the tables have."""
    parts = [f"### {section.title}", *map(_plain, section.sentences)]
    for table in section.tables:
        lines = [table.head, ("---", "---", *["---:"] * (len(table.head) - 2)), *table.rows]
        rows = "\n".join(f"| {' | '.join(map(_plain, line))} |" for line in lines)
        parts += [f"**{_plain(table.title)}**", rows]
    if section.failures:
        parts.append("\n".join(f"- failed: {_plain(each)}" for each in section.failures))
    facts = "\n".join(f"- {name}: {_plain(value)}" for name, value in section.facts)
    commands = "\n".join(f"    {command}" for command in section.commands)
    parts.append(f"<details><summary>How it was measured</summary>\n\n{facts}\n\n{commands}\n\n</details>")
    return parts


def _table(content: ReportContent, size: str) -> list[str]:
    head = ["change", "variant", "median", "95 % interval", "n", "as fast", "its interval", "p", "sent"]
    lines = [head, ["---", "---", *["---:"] * 7]]
    for row in rows(content, size):
        ratio = f"**{row.ratio}**" if row.ratio else ""
        cells = [row.scenario, row.variant, row.median, row.interval, row.n]
        lines.append([*cells, ratio, row.ratio_interval, row.p, row.sent])
    return [f"| {' | '.join(map(_plain, line))} |" for line in lines]


def _plain(text: str) -> str:
    """No character that Markdown or HTML would read."""
    return text.replace("|", "\\|").replace("<", "&lt;")


def as_json(content: ReportContent) -> str:
    """Everything: the plan, the results and every measurement."""
    values = {
        "run": content.started.run,
        "started_at": content.started.started_at,
        "machine": content.started.machine,
        "tools": content.started.tools,
        "plan": content.plan.to_json(),
        "headline": findings.headline(content),
        "results": [result.to_json() for result in content.results],
        "losses": findings.losses(content),
        "commands": findings.commands(content),
        "measurements": json_rows(content.measurements),
        "experiments": experiments_json(content),
    }
    return json.dumps(values, indent=2)
