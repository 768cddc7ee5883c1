"""The last lines that a version of the API's function wrote, for the errors about it."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from pipeline.aws.access import Aws
from pipeline.aws.log_events import decode_tail, read_events
from pipeline.core.errors import TandemError
from pipeline.core.plain_text import plain

_LINES = 10
_RECENT = timedelta(minutes=5)
# Lambda's own lines, as text and as JSON (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-logs.html).
_LAMBDAS = (
    "START RequestId:",
    "END RequestId:",
    "REPORT RequestId:",
    "INIT_START ",
    "INIT_REPORT ",
    "XRAY TraceId:",
)
_FRAME = 'File "<frozen importlib'  # of Python's own import, in each traceback of a failed start


def quote(lines: Iterable[str]) -> str:
    """The last lines as the end of an error's message; empty without one."""
    last = own_lines(lines)[-_LINES:]
    return "\n".join(["", "the last lines of its log:", *(f"  {line}" for line in last)]) if last else ""


def own_lines(lines: Iterable[str]) -> list[str]:
    """The lines that the function wrote itself, without empty ones and Lambda's."""
    # Python's runtime client separates the lines of a traceback by carriage returns: one event of CloudWatch.
    texts = [plain(part).rstrip() for line in lines for part in line.replace("\r", "\n").split("\n")]
    return [text for text in texts if text.strip() and not text.startswith(_LAMBDAS) and not _is_noise(text)]


def of_answer(log_result: str) -> str:
    """The quoted log of one invocation; `log_result` is that field of Lambda's answer."""
    return quote(decode_tail(log_result)) if log_result else ""


def of_version(aws: Aws, log_group: str, version: str, since: datetime | None = None) -> str:
    """The quoted log of a version from CloudWatch; empty if it cannot be read: it only explains an error."""
    if not log_group:
        return ""
    since = since or datetime.now(UTC) - _RECENT
    try:
        # A stream is named YYYY/MM/DD/[version]id.
        events = read_events(aws, log_group, "", since)
        return quote([event.text for event in events if f"[{version}]" in event.stream])
    except TandemError:
        return ""


def _is_noise(text: str) -> bool:
    return text.lstrip().startswith(_FRAME) or _is_event(text)


def _is_event(text: str) -> bool:
    """Whether the line is one of Lambda's in JSON: {"type": "platform.start", ...}."""
    try:
        return str(json.loads(text)["type"]).startswith("platform.")
    except (ValueError, KeyError, TypeError):
        return False
