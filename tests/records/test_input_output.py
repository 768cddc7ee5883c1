"""The bytes are those of the block, with those of the programs that it ran."""

import subprocess
from pathlib import Path

import pytest

from pipeline.records.input_output import input_output

SIZE = 3_000_000
needs_linux = pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="needs Linux")


@needs_linux
def test_bytes_before_the_block_do_not_count(tmp_path):
    file = tmp_path / "file"
    with input_output() as outer:
        file.write_bytes(bytes(SIZE))
        with input_output() as inner:
            file.read_bytes()
            seen = inner()
        both = outer()
    assert SIZE <= seen.read < 1.1 * SIZE
    assert seen.written < 0.1 * SIZE
    assert SIZE <= both.written < 1.1 * SIZE


@pytest.mark.slow
@needs_linux
def test_a_program_that_has_ended_counts(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(bytes(SIZE))
    with input_output() as transferred:
        subprocess.run(["cp", file, tmp_path / "copy"], check=True)
        subprocess.run(["sh", "-c", f"cat {file} > {tmp_path / 'third'}"], check=True)
        seen = transferred()
    assert seen.read >= SIZE
    assert seen.written >= SIZE


@pytest.mark.parametrize("content", [None, "", "rchar: 1\n", "rchar: x\nwchar: 1\n", "rchar: é\nwchar: 1\n"])
def test_a_system_that_does_not_tell_gives_none(monkeypatch, content):
    def read(*_args, **_more):
        if content is None:
            raise PermissionError
        return content.encode().decode("ascii")

    monkeypatch.setattr(Path, "read_text", read)
    with input_output() as transferred:
        assert transferred() is None
