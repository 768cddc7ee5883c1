"""Write a report to a folder that can be committed: without addresses and paths of the machine."""

import re
import socket
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pipeline.compare.report import markdown
from pipeline.compare.report.page import page
from pipeline.compare.report.report_content import read
from pipeline.records.document import Document

_PRIVATE = re.compile(
    r"""
    (?P<host> \b (?: \d{1,3}(?:\.\d{1,3}){3} | localhost | \d{12}\.dkr\.ecr\.[a-z0-9.-]+ ) (?: :\d+ )? \b )
    | (?P<path> (?<![\w.:/]) / (?: [\w.+@-]+ / )+ (?P<name> [\w.+@-]+ )? )
    """,
    re.VERBOSE,
)
"""A registry's address, or an absolute path."""


def files(documents: Sequence[Document], run: str = "", host: str = "") -> dict[str, bytes]:
    """The folder's files by name: the page, all figures, and the tables with the commands to repeat them.

    `run` chooses the comparison as for the page; `host` is this machine's name, which the files do not have.

    Raises:
        TandemError: there is no comparison with a result.
    """
    content = read(published(documents, host or socket.gethostname()), run)
    return {
        "report.html": page(content).encode(),
        "report.json": markdown.as_json(content).encode() + b"\n",
        "README.md": f"{_HEAD}\n{markdown.markdown(content)}".encode(),
    }


_HEAD = """# Measured builds

[report.html](report.html) is the page, for a browser; [report.json](report.json) has every build.
`tandem report --folder FOLDER` wrote them.
"""


def published(documents: Sequence[Document], host: str) -> list[Document]:
    """The records without registry addresses, absolute paths, and the machine's name `host`."""
    return [replace(each, body=_neutral(each.body, host)) for each in documents]


def _neutral(value: Any, host: str) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {key: _neutral(each, host) for key, each in value.items()}
    if isinstance(value, list):
        return [_neutral(each, host) for each in value]
    if not isinstance(value, str):
        return value
    neutral = _PRIVATE.sub(_replacement, value)
    return re.sub(rf"\b{re.escape(host)}\b", "this machine", neutral) if host else neutral


def _replacement(match: re.Match[str]) -> str:
    return "registry" if match["host"] else f".../{match['name'] or ''}"
