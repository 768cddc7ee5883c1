"""The peak is that of the block, not of the process."""

from pathlib import Path

import pytest

from pipeline.records.memory import peak_memory

MEGABYTES = 64 * 2**20


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux")
def test_memory_that_was_freed_before_the_block_does_not_count():
    with peak_memory() as before:
        first = bytearray(MEGABYTES)
        with_it = before()
    del first
    with peak_memory() as after:
        without = after()
    assert with_it - without > MEGABYTES // 2


def test_an_error_in_the_block_is_the_error():
    with pytest.raises(OSError, match="of the block"), peak_memory():
        raise OSError("of the block")


def test_a_system_without_it_gives_none(monkeypatch):
    def refuse(*_args, **_more):
        raise PermissionError

    monkeypatch.setattr(Path, "write_text", refuse)
    with peak_memory() as peak:
        assert peak() is None
