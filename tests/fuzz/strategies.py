"""Hostile values, and documents of which parts were replaced by them."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

MEGABYTE = "x" * 1_000_000
TEXTS = st.one_of(
    st.sampled_from(
        [
            *("", " ", "\0", "\n", "²", "٣", "1e999", "-1", "NaN", "\ud800", "\x1b]52;c;eA==\x07", "\u202e"),
            *("../..", "a:b:c:d:e:f:g", "arn:aws:::::", "%n%s", "{{x}}", "${x}", "'\"`;$()", "é" * 300),
            *("9" * 5_000, "0x1F", "1_0", "+1", ".5 GB", "1e9999 vCPU", MEGABYTE, "sha256:" + "0" * 64),
        ]
    ),
    st.text(max_size=30),
)
NUMBERS = st.one_of(
    st.integers(),
    st.sampled_from([0, -1, 1 << 31, 1 << 64, 10**400, 10**4200]),
    st.floats(allow_nan=False, allow_infinity=False),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=5,
)
NESTED = st.integers(1, 3_000).map(lambda depth: "[" * depth + "]" * depth)
"""JSON text that a recursive reader fails on."""

Path = tuple[str | int, ...]


@st.composite
def mutated(draw: st.DrawFn, documents: list[Any]) -> Any:
    """One of the JSON documents, of which one to four parts were replaced, removed or added."""
    document = copy.deepcopy(draw(st.sampled_from(documents)))
    for _ in range(draw(st.integers(1, 4))):
        paths = list(_paths(document))
        if not paths:
            break
        *parents, last = draw(st.sampled_from(paths))
        holder = document
        for step in parents:
            holder = holder[step]
        action = draw(st.sampled_from(["replace", "replace", "replace", "remove", "add"]))
        if action == "remove":
            del holder[last]
        elif action == "add" and isinstance(holder, dict):
            holder[draw(TEXTS)] = draw(VALUES)
        else:
            holder[last] = draw(VALUES)
    return document


def _paths(value: Any, before: Path = ()) -> Iterator[Path]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*before, key)
        yield from _paths(value[key], (*before, key))


def as_json(value: Any) -> bytes:
    """The document as a file or a peer may hold it: also with text that is not Unicode."""
    return json.dumps(value).encode()


@st.composite
def json_bytes(draw: st.DrawFn, documents: list[Any]) -> bytes:
    """A document as bytes: mutated, damaged, nested too deeply, or nothing of the kind."""
    kind = draw(st.sampled_from(["mutated", "mutated", "mutated", "cut", "bytes", "nested", "value"]))
    if kind == "bytes":
        return draw(st.binary(max_size=200))
    if kind == "nested":
        return draw(NESTED).encode()
    if kind == "value":
        return as_json(draw(VALUES))
    content = as_json(draw(mutated(documents)))
    return content[: draw(st.integers(0, len(content)))] if kind == "cut" else content
