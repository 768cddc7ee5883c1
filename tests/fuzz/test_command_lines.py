"""Any command line: help, usage or one short error; never a traceback, never "unexpected"."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli import main as entry
from pipeline.core import console
from pipeline.core.errors import TandemError
from tests.fuzz.effort import effort
from tests.fuzz.strategies import TEXTS

STARTING = {"up", "down", "apply", "check", "serve_webhook"}
"""These start or end something where there is a project."""
VERBS = sorted({verb.__name__ for verbs in entry.SECTIONS.values() for verb in verbs} - STARTING)
STATIC = [["static", verb] for verb in ("build", "compact", "diff", "inspect", "verify")]
OPTIONS = st.sampled_from(
    [
        *(
            "--env",
            "--project",
            "--json",
            "--check",
            "--last",
            "--to",
            "--yes",
            "--reason",
            "--unlock",
            "--help",
        ),
        *("--plan-file", "--dry-run", "--destroy", "-", "--", "-x", "--tag", "--repository"),
    ]
)
WORDS = st.one_of(
    OPTIONS,
    TEXTS.filter(lambda text: "\0" not in text).map(lambda text: text[:100_000]),
    st.sampled_from(["app", "static", "api", "local", "prod", "0", "-1", "1", "tandem.toml", "/", ".", ""]),
)
_LONGEST = 30_000
PROJECT = (
    '[sources.app]\nrepository = "a"\n[sources.static]\nrepository = "b"\n[sources.api]\nrepository = "c"\n'
)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A project without a stack, sources or credentials, on a machine without Docker and without AWS."""
    (tmp_path / "tandem.toml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("AWS_", "TANDEM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{}")))
    yield
    console._stderr.cache_clear()


def run(words: list[str]) -> tuple[object, str, str]:
    """Exit code, stdout and stderr of `tandem WORDS`."""
    out, err = io.StringIO(), io.StringIO()
    console._stderr.cache_clear()
    arguments, sys.argv = sys.argv, ["tandem", *words]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            entry.main()
    except SystemExit as ended:
        return ended.code or 0, out.getvalue(), err.getvalue()
    finally:
        sys.argv = arguments
    return 0, out.getvalue(), err.getvalue()


@pytest.mark.slow
@effort()
@given(
    st.sampled_from([[verb] for verb in VERBS] + STATIC + [[]]),
    st.lists(WORDS, max_size=5),
)
def test_any_command_line_ends_in_words(verb: list[str], words: list[str]) -> None:
    code, _, err = run([*verb, *words])
    assert code in {0, 1, 2, 3, 4}
    assert "Traceback" not in err
    assert "unexpected" not in err.lower().replace("unexpected extra argument", "")
    assert len(err) < _LONGEST


@pytest.mark.parametrize("verb", ["release", "plan", "status", "rollback", "show", "trigger", "static"])
def test_a_message_does_not_repeat_megabytes(verb: str) -> None:
    code, out, err = run([verb, "--env", "x" * 1_000_000, "y" * 1_000_000])
    assert code
    assert len(out) + len(err) < _LONGEST


@pytest.mark.slow
@pytest.mark.parametrize("error", [TandemError, RuntimeError])
def test_an_error_cannot_steer_a_terminal_nor_fill_it(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise error("\x1b]52;c;eA==\x07\nline two " + "x" * 5_000_000 + " end")

    monkeypatch.setattr(entry, "app", fail)
    code, _, err = run(["status"])
    assert code == 1
    assert "?]52;c;eA==?\nline two" in err
    assert " end\n" in err
    assert "\x1b" not in err
    assert len(err) < _LONGEST
