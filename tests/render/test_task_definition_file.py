"""The text of a file becomes one task definition, or the reason why it is none."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.task_definition_file import DocumentError, parse


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "is not JSON"),
        (b"", "is not JSON"),
        ("{}".encode("utf-16"), "save it as UTF-8"),
        (b'{"cpu": NaN}', "NaN"),
        (b'{"cpu": ' + b"9" * 5_000 + b"}", "4,300 digits"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "nested too deeply"),
        (b"5", "holds no JSON object"),
        (b"[]", "holds a list"),
        (b'[{"image": "x"}]', "list of containers"),
        (b'{"Resources": {}}', "CloudFormation template"),
        (b'{"taskDefinition": "shop:7"}', "describes a service"),
        (b'{"serviceName": "shop"}', "describes a service"),
    ],
)
def test_what_is_no_task_definition_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        parse(content)


def test_a_byte_order_mark_is_skipped() -> None:
    assert parse(b"\xef\xbb\xbf{}").task_definition == {}


def test_a_repeated_key_is_a_warning_with_its_path_and_line() -> None:
    text = '{\n"a": [{"x": 1}, {"x": 1,\n"x": {"y": "{"}}],\n"b\\"c": 1, "a": 2}'
    repeated = parse(text.encode()).warnings
    assert [(finding.path, finding.warning) for finding in repeated] == [("$.a[1].x", True), ("$.a", True)]
    assert ["line 3" in repeated[0].rule, "line 4" in repeated[1].rule] == [True, True]


def test_a_key_of_an_inner_object_is_no_repetition() -> None:
    assert parse(b'{"a": {"a": [{"a": 1}, {"a": 1}]}, "b": "a"}').warnings == []


@given(st.binary(max_size=60) | st.text('{}[]":,\\\n a1', max_size=60).map(str.encode))
def test_no_bytes_make_the_reader_raise_anything_else(content: bytes) -> None:
    with contextlib.suppress(DocumentError):
        parse(content)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=9) | st.integers(), max_size=6))
def test_what_was_dumped_is_read_without_warning(value: dict[str, object]) -> None:
    document = parse(json.dumps(value, indent=1).encode())
    assert (document.task_definition, document.warnings) == (value, [])
