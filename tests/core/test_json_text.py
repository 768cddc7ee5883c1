"""JSON from elsewhere is a value that can be used and written again, or ValueError."""

from dataclasses import dataclass

import pytest

from pipeline.core.json_text import damage, parse_json, require_number, typed


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5_000, "[" * 100_000),
        *(b"NaN", b"[Infinity]", b"-Infinity", b"1e999", b'"\\ud800"', b'{"\\uDFFF": 1}', '["\\ud800"]'),
    ],
    ids=lambda content: str(content[:12]),
)
def test_what_nothing_can_hold_is_refused(content: bytes | str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_json(content)


def test_what_can_be_held_is_read() -> None:
    assert parse_json(b'{"a": [1, -2.5, null, "\\ud83d\\ude00"]}') == {"a": [1, -2.5, None, "😀"]}


@pytest.mark.parametrize("value", [-1, 1 << 63, True, 1.0, "1", None])
def test_a_number_is_a_whole_one_from_0_on(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        require_number(value)


@dataclass
class Lease:
    name: str
    token: int
    seconds: float = 0.0
    tags: tuple[str, ...] = ()


def test_fields_have_the_types_that_their_class_declares() -> None:
    assert typed(Lease, {"name": "a", "token": 1, "seconds": 2}) == {"name": "a", "token": 1, "seconds": 2.0}
    assert typed(Lease, {"name": "a", "tags": "b"}, tags=("b",)) == {"name": "a", "tags": ("b",)}


@pytest.mark.parametrize("seconds", [-1, -0.5, 0, 1.7e9])
def test_seconds_are_numbers_of_any_kind(seconds: float) -> None:
    assert typed(Lease, {"seconds": seconds}) == {"seconds": float(seconds)}


@pytest.mark.parametrize("seconds", [10**400, -(10**16), 1e200])
def test_seconds_are_what_a_clock_tells(seconds: float) -> None:
    with pytest.raises(ValueError, match="out of range"):
        typed(Lease, {"seconds": seconds})


@pytest.mark.parametrize(
    "values", [{"name": 1}, {"token": "1"}, {"seconds": "x"}, {"unknown": 1}, {"tags": []}, {"seconds": True}]
)
def test_another_type_or_field_is_refused(values: dict[str, object]) -> None:
    with pytest.raises((TypeError, KeyError)):
        typed(Lease, values)


@pytest.mark.parametrize("values", [1, "name", None, [["name", "a"]]])
def test_what_is_no_object_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="instead of an object"):
        typed(Lease, values)


def test_a_damage_is_named_in_one_short_line() -> None:
    text = damage(ValueError("a\nb\x1b[0m" + "x" * 5_000_000))
    assert text.startswith("ValueError: a b?[0mxxx")
    assert len(text) == 200
