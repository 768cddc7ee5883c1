"""Any task definition, from any origin: findings in short sentences, or one reason why it is none."""

import json
from pathlib import Path

from hypothesis import given

from pipeline.aws.request_schema import check_document
from render.finding import Finding
from render.model import dump
from render.task_definition_file import DocumentError, parse
from tests.fuzz.effort import effort
from tests.fuzz.strategies import json_bytes

CASES = Path(__file__).parents[1] / "render" / "cases"
DEFINITIONS = [json.loads(file.read_bytes()) for file in sorted(CASES.glob("*/expected.json"))]
DESCRIPTION = {"taskDefinition": {**DEFINITIONS[0], "revision": 1}, "tags": [{"key": "a", "value": "b"}]}
_LONGEST = 1_000
_MOST_FINDINGS = 2_000


@effort()
@given(json_bytes([*DEFINITIONS, DESCRIPTION]))
def test_a_task_definition_is_checked_in_short_sentences(content: bytes) -> None:
    try:
        document = parse(content)
    except DocumentError as error:
        reason = str(error)
    else:
        reason = ""
        require_short(check_document(document))
        dump(document.task_definition)
    assert len(reason) < _LONGEST


def require_short(findings: list[Finding]) -> None:
    assert len(findings) < _MOST_FINDINGS
    for finding in findings:
        assert len(str(finding)) < _LONGEST, str(finding)[:2_000]
        assert str(finding).isprintable()
