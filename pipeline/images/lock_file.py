"""Parse a source's locked requirements: names, versions and hashes, and nothing else that pip would obey."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import TandemError

LOCK = "requirements.lock"
LOCK_COMMAND = f"uv pip compile --universal --generate-hashes --no-emit-index-url requirements.txt -o {LOCK}"
_COMMANDS = {
    "uv.lock": f"uv export --no-emit-project --no-dev -o {LOCK}",
    "poetry.lock": f"poetry export -o {LOCK}",
    "Pipfile.lock": f"pipenv requirements --hash >{LOCK}",
    "pyproject.toml": LOCK_COMMAND.replace("requirements.txt", "pyproject.toml"),
}
"""What makes the lock file from another file, in order."""
_MOST_BYTES = 8 << 20
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_PINNED = re.compile(
    rf"(?P<name>{_NAME})(?P<extras>\[ *{_NAME}(?: *, *{_NAME})* *\])? *== *(?P<version>[A-Za-z0-9._+!-]+)"
    r"(?: *;(?P<marker>.*))?"
)
# https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers
_MARKER = re.compile(
    r"(?: *(?:[()]|[<>=!~]++|\b[a-z_]+(?:\.[a-z]+)?\b|'[\w .,;:+*!-]*'|\"[\w .,;:+*!-]*\"))+ *",
    re.ASCII,
)
"""Each text has one way to match: a second one would double the time with each word."""
_PROBLEMS = (
    (r"\s*-", "is an option of pip; a lock file has none"),
    (r".*\$\{", "names an environment variable"),
    (
        r".*(?:://| @ |@ ?(?:file|git|https?)\b)",
        "names an address; packages come from pip's index by version",
    ),
    (
        r"\s*+(?:\.{0,2}/|[^=]*\.(?:whl|zip|tar|tgz))",
        "names a file; packages come from pip's index by version",
    ),
    (r"[^=]*(?:===|[<>~!]=|==[^;]*\*)|[^=]*\Z", "does not pin one version with =="),
    (r"(?!.*--hash=sha256:)", "has no --hash=sha256:…"),
)


@dataclass(frozen=True)
class LockedPackage:
    """One package of a lock file."""

    name: str
    extras: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    def __str__(self) -> str:
        marker = f" ; {self.marker}" if self.marker else ""
        return f"{self.name}{self.extras}=={self.version}{marker} {' '.join(self.hashes)}"


def read_lock(file: Path) -> tuple[LockedPackage, ...]:
    """The packages of the lock `file`, which a commit brought.

    pip takes options, addresses, paths and environment variables in such a file: it could run a package's
    own setup or read other files of this machine. What is returned holds none of these.

    Raises:
        TandemError: The file is missing, or a line is anything but a pinned package with hashes.
    """
    if file.is_symlink() or not file.is_file():
        raise TandemError(
            f"the api source has no {LOCK}: its dependencies must be locked with hashes",
            hint=_command_for(file.parent),
        )
    if file.stat().st_size > _MOST_BYTES:
        raise TandemError(f"{LOCK} is larger than {_MOST_BYTES >> 20} MiB", hint=LOCK_COMMAND)
    text = file.read_bytes().decode("utf-8-sig", errors="replace")
    return tuple(_parse(number, line) for number, line in _lines(text))


def _command_for(folder: Path) -> str:
    """The command that makes the lock file from what the source in `folder` has."""
    if (folder / "requirements.txt").exists():
        return LOCK_COMMAND
    return next((command for name, command in _COMMANDS.items() if (folder / name).exists()), LOCK_COMMAND)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines without comments, joined where one ends with a backslash, each with its first number."""
    logical_line, first = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        plain = re.sub(r"(?:^|\s)#.*", "", line.removesuffix("\r")).rstrip(" \t")
        first = first if logical_line else number
        logical_line += plain.removesuffix("\\").replace("\t", " ") + " "
        if plain.endswith("\\"):
            continue
        if logical_line.strip(" "):
            yield first, logical_line.strip(" ")
        logical_line = ""
    if logical_line.strip(" "):
        yield first, logical_line.strip(" ")


def _parse(number: int, line: str) -> LockedPackage:
    words = line.split(" ")
    first = next((i for i, word in enumerate(words) if word.startswith("--hash=")), len(words))
    hashes = tuple(filter(None, words[first:]))
    match = _PINNED.fullmatch(" ".join(words[:first]).rstrip(" "))
    if not match or not hashes or not all(map(_HASH.fullmatch, hashes)):
        # The line itself is not shown: it may hold a password.
        problems = (problem for pattern, problem in _PROBLEMS if re.match(pattern, line, re.DOTALL))
        raise _bad_line(number, next(problems, "is not NAME==VERSION --hash=sha256:…"))
    marker = (match["marker"] or "").strip(" ")
    if match["marker"] is not None and not _MARKER.fullmatch(marker):
        raise _bad_line(number, "has a marker that is not valid")
    extras = (match["extras"] or "").replace(" ", "")
    return LockedPackage(match["name"], extras, match["version"], marker, hashes)


def _bad_line(number: int, problem: str) -> TandemError:
    return TandemError(f"line {number} of {LOCK} {problem}", hint=LOCK_COMMAND)
