"""An image's state is what a build wrote, or is refused: a registry may answer with any annotations."""

import base64
import json
import zlib

import pytest

from pipeline.core.errors import TandemError
from pipeline.images.static.image import annotations
from pipeline.images.static.image.annotations import STATE, ContentState, read_state

STORED = ContentState("c" * 40, "d" * 40, "/srv/static", ("gz",), files=3, dead=1, bytes=9, pending=(("a",),))
MANY = tuple(tuple(f"assets/{build}/{name}.js" for name in range(40)) for build in range(5))


@pytest.mark.parametrize("pending", [(), STORED.pending, MANY])
def test_a_state_is_read_as_it_was_written(pending):
    state = ContentState("c" * 40, "d" * 40, "/srv/static", (), 3, pending=pending)
    assert read_state(state.dump()) == state


def test_other_images_and_formats_have_none():
    value = json.loads(STORED.dump()[STATE])
    assert read_state({}) is None
    for changed in ({**value, "format": 2}, {"format": 1}, {}):
        assert read_state({STATE: json.dumps(changed)}) is None


def packed(plain):
    return base64.b85encode(zlib.compress(plain)).decode()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("commit", other) for other in (5, None, ["c"], {}, True)),
        *(("files", other) for other in ("3", -1, 1.5, True, 10**30, None)),
        *(("number", other) for other in ("1", -5, 2.0)),
        *(("bytes", other) for other in ("9", -2)),
        *(("precompress", other) for other in (5, None, [5], [["gz"]])),
        *(
            ("pending", other)
            for other in (5, {}, ["ab"], [[5]], [[["a"]]], "no base 85 {", packed(b"[")[:-3])
        ),
        *(
            ("pending", packed(other))
            for other in (b"{}", b"[" * 100_000, b'["ab"]', b'[["\\ud800"]]', b"\xff")
        ),
    ],
)
def test_a_value_of_another_type_is_refused(key, value):
    state = {**json.loads(STORED.dump()[STATE]), key: value}
    with pytest.raises(TandemError, match="annotations cannot be read") as error:
        read_state({STATE: json.dumps(state)})
    assert error.value.message.isprintable()
    assert len(error.value.message) < 300


@pytest.mark.parametrize("text", ["", "[]", "5", "null", "{", "[" * 100_000, '"\\ud800"'])
def test_what_is_no_state_is_refused(text):
    with pytest.raises(TandemError, match="annotations cannot be read"):
        read_state({STATE: text})


def test_a_small_annotation_does_not_become_gigabytes(monkeypatch):
    monkeypatch.setattr(annotations, "_MOST_BYTES", 1000)
    state = {**json.loads(STORED.dump()[STATE]), "pending": packed(b"[" + b" " * 1_000_000 + b"]")}
    with pytest.raises(TandemError, match="too long"):
        read_state({STATE: json.dumps(state)})
