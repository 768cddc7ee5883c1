"""Read a commit's .dockerignore in place of Docker's SDK, which takes text and patterns for granted."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.core.interrupts import go_on
from pipeline.images.ignore_patterns import IgnorePatterns, PatternError, read_patterns

IGNORE_FILE = ".dockerignore"
_MOST_BYTES, _MOST_BRACKETS = 1 << 16, 500
"""With more of them, the names of ten thousand files would keep the machine busy for minutes."""
_HINT = f"correct {IGNORE_FILE} in the source, commit and push"


def read_ignore_file(context: Path, what: str) -> list[str]:
    """The patterns of the file in `context`, if there is one; `what` begins the message.

    Raises:
        TandemError: It is no file, too large, no UTF-8, or has a line that is no pattern.
    """
    file = context / IGNORE_FILE
    if not file.exists():
        return []
    if not file.is_file() or file.stat().st_size > _MOST_BYTES:
        raise TandemError(
            f"{what}: {IGNORE_FILE} is no file, or has more than {_MOST_BYTES} bytes", hint=_HINT
        )
    try:
        text = file.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise TandemError(f"{what}: {IGNORE_FILE} is no UTF-8", hint=_HINT) from error
    if text.count("[") > _MOST_BRACKETS:
        raise TandemError(f"{what}: {IGNORE_FILE} has more than {_MOST_BRACKETS} brackets", hint=_HINT)
    numbered_patterns = list(read_patterns(text))
    for number, pattern in numbered_patterns:
        try:
            IgnorePatterns([pattern])
        except PatternError as error:
            message = f"{what}: line {number} of {IGNORE_FILE} is no pattern: {error}"
            raise TandemError(message, hint=_HINT) from error
    return [pattern for _, pattern in numbered_patterns]


def sent_paths(context: Path, patterns: list[str], dockerfile: str = "Dockerfile") -> Iterator[str]:
    """The files and folders of `context` that Docker gets; always `dockerfile` and the ignore file."""
    exceptions = (f"!{_escaped(name)}" for name in (dockerfile, IGNORE_FILE))
    rules = IgnorePatterns([*patterns, *exceptions])
    folders = [("", rules.top)]
    while folders:
        folder, place = folders.pop()
        go_on()
        for path in sorted((context / folder).iterdir()):
            name = f"{folder}{path.name}"
            child = rules.child(place, path.name)
            is_ignored = rules.is_ignored(child)
            if not is_ignored:
                yield name
            if path.is_dir() and not path.is_symlink():
                inside = rules.inside(child)
                if not is_ignored or rules.may_keep_below(inside):
                    folders.append((f"{name}/", inside))


def _escaped(name: str) -> str:
    return "".join(f"\\{character}" if character in "\\*?[" else character for character in name)
