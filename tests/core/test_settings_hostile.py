"""Whatever stands in tandem.toml, the answer is settings or one short sentence."""

import shutil
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.core.errors import TandemError
from pipeline.core.settings import Settings, load
from tests.fuzz.effort import effort
from tests.support.folders import in_memory

SOURCES = (
    '[sources.app]\nrepository = "a"\n[sources.static]\nrepository = "b"\n[sources.api]\nrepository = "c"\n'
)
LONG = 2_000  # characters of a message, the file's own path included
FIXED_SEED = effort(fixed=100)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    folder = in_memory()
    yield folder
    shutil.rmtree(folder)


def message(folder: Path, content: str | bytes) -> str:
    """Why the file is refused; empty if it is not."""
    data = content.encode() if isinstance(content, str) else content
    (folder / "tandem.toml").write_bytes(data)
    try:
        load(folder)
    except TandemError as error:
        return _checked(error, folder)
    return ""


def _checked(error: TandemError, folder: Path) -> str:
    """The message, if it is short and can be shown."""
    text = error.message.replace(str(folder), "")
    assert error.message.startswith((str(folder), "cannot read"))
    assert len(error.message) < LONG
    assert text.isprintable()
    assert error.hint
    return text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'name = "\xff"', "is not UTF-8"),
        (b"\x00\x01", "is not valid TOML"),
        ("x = " + "[" * 20_000 + "]" * 20_000, "nested too deeply"),
        ("x = " + "{a=" * 20_000, "nested too deeply"),
        ("a" + ".a" * 1_000 + " = 1\n" + SOURCES, "no such key"),
        ("[task]\ncount = " + "9" * 4301 + "\n" + SOURCES, "too many digits"),
        ("[task]\ncount = 0x" + "f" * 9000 + "\n" + SOURCES, r"task.count: "),
        ('[task]\ncpu = "1e999 vCPU"\n' + SOURCES, "task.cpu: "),
        ('[task]\nmemory = "1e999 GB"\n' + SOURCES, "task.memory: "),
        ('[task]\nmemory = "nan GB"\n' + SOURCES, "task.memory: "),
        ('[local]\nbulk = "' + "9" * 400 + ' GB"\n' + SOURCES, "local.bulk: "),
        ("[task]\ncpu = inf\n" + SOURCES, "task.cpu: "),
        ('name = "' + "x" * 500_000 + '"\n' + SOURCES, "name: "),
        ("k" * 500_000 + " = 1\n" + SOURCES, "no such key"),
        ("[" + "k" * 500_000 + "]\n[" + "k" * 500_000 + "]\n" + SOURCES, "is not valid TOML"),
        ("".join(f"k{n} = 1\n" for n in range(20_000)) + SOURCES, "no such key"),
        ('"\\u001b]52;c;x" = 1\n' + SOURCES, "no such key"),
        ("#" * 20_000_000, "larger than"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_each_bad_file_is_refused_in_one_short_sentence(
    folder: Path, content: str | bytes, expected: str
) -> None:
    assert expected in message(folder, content)


@pytest.mark.parametrize(
    "value",
    ["../../etc", "a/../../b", "/etc", "a\\u0000b", "..", "a/..", "a\\nb", ".git/config", "a\\\\..\\\\b"],
)
@pytest.mark.parametrize("key", ["path", "dockerfile"])
def test_a_path_outside_the_repository_is_refused(folder: Path, key: str, value: str) -> None:
    text = f'[sources.app]\n{key} = "{value}"\n' + SOURCES.removeprefix("[sources.app]\n")
    assert f"sources.app.{key}: " in message(folder, text)


@pytest.mark.parametrize("value", [".", "", "web", "web/site", "./web", "a..b", "docker/Dockerfile.prod"])
@pytest.mark.parametrize("key", ["path", "dockerfile"])
def test_a_path_within_the_repository_is_accepted(folder: Path, key: str, value: str) -> None:
    text = f'[sources.app]\n{key} = "{value}"\n' + SOURCES.removeprefix("[sources.app]\n")
    assert message(folder, text) == ""


@pytest.mark.parametrize(
    ("table", "line", "key"),
    [
        ("sources.app", 'branch = "a\\u0000b"', "sources.app.branch"),
        ("sources.app", 'branch = "--upload-pack=x"', "sources.app.branch"),
        ("sources.app", 'branch = "a b"', "sources.app.branch"),
        ("sources.app", 'branch = "refs/heads/main"', "sources.app.branch"),
        ("task", 'content_path = "/srv/../etc"', "task.content_path"),
        ("task.environment", 'A = "a\\u0000b"', "task.environment.A"),
        ("static", 'bridge_paths = ["a\\u0000b"]', "static.bridge_paths.0"),
        ("environments.dev", 'account_id = "١٢٣٤٥٦٧٨٩٠١٢"', "environments.dev.account_id"),
    ],
)
def test_a_value_that_no_program_takes_is_refused(folder: Path, table: str, line: str, key: str) -> None:
    text = SOURCES.replace(f"[{table}]\n", f"[{table}]\n{line}\n")
    assert f"{key}: " in message(folder, text if line in text else f"{text}[{table}]\n{line}\n")


@pytest.mark.parametrize("value", ["a\\u0000b", "--upload-pack=x", "a\\nb"])
def test_a_repository_that_git_would_misread_is_refused(folder: Path, value: str) -> None:
    text = SOURCES.replace('"a"', f'"{value}"')
    assert "sources.app.repository: " in message(folder, text)


def test_a_secret_in_a_table_of_the_wrong_kind_is_not_repeated(folder: Path) -> None:
    text = message(folder, SOURCES + '[[api]]\n[api.secrets]\nTOKEN = "hunter2"\n')
    assert "api: " in text
    assert "hunter2" not in text


KEYS = sorted(
    f"{name}.{key}"
    for name, field in Settings.model_fields.items()
    for key in getattr(field.annotation, "model_fields", {})
)
NUMBERS = st.one_of(
    st.integers(),
    st.integers(min_value=10**4000, max_value=10**4290),
    st.floats(),
    st.sampled_from(["inf", "-nan", "1e999", "0x" + "f" * 8000, "1979-05-27T07:32:00Z", "07:32:00", "true"]),
).map(str)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["1e999 vCPU", "-1 GB", "1e9999 MB", "9" * 5000, "9" * 500 + " GB", "../x", "\0"]),
    st.text(string.digits + "eE+-. vCPUGMBi", max_size=12),
).map(lambda text: '"' + "".join(f"\\U{ord(letter):08x}" for letter in text) + '"')
SCALARS = NUMBERS | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(
            lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}"
        ),
    ),
    max_leaves=6,
)
KEY_NAMES = st.sampled_from([*KEYS, "name", "sources.app.path", "task.secrets.A", "environments.dev.region"])


@FIXED_SEED
@given(data=st.binary(max_size=400))
@example(data=b"\xef\xbb\xbf")
@example(data=b"\r")
def test_random_bytes(folder: Path, data: bytes) -> None:
    message(folder, data)


@FIXED_SEED
@given(data=st.dictionaries(KEY_NAMES, VALUES, max_size=5))
def test_random_values_for_each_key(folder: Path, data: dict[str, str]) -> None:
    message(folder, "".join(f"{key} = {value}\n" for key, value in data.items()) + SOURCES)


@FIXED_SEED
@given(opening=st.sampled_from(["[", "{a=", "[{b=", "a."]), depth=st.integers(1, 2_000))
def test_deep_nesting(folder: Path, opening: str, depth: int) -> None:
    start = "" if opening == "a." else "x = "
    message(folder, f"{start}{opening * depth}a = 1")
