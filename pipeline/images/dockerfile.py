"""Read a Dockerfile's instructions from its text, as Docker's parser divides it; nothing is expanded or run.

https://docs.docker.com/reference/dockerfile/
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

_DIRECTIVE = re.compile(r"#\s*([A-Za-z][\w-]*)\s*=\s*(.*)")
_FLAGS = re.compile(r"(?:\s*--\S+)*")
_HEREDOC = re.compile(r"(?<!\S)\d*<<(?P<tabs>-?)\s*(?P<name>[^<\s]+)")
_WITH_HEREDOC = {"RUN", "COPY", "ADD"}


@dataclass(frozen=True)
class Instruction:
    """One instruction: its first line (from 1), its name in capitals, its flags, and the text behind them."""

    line: int
    name: str
    flags: tuple[str, ...]
    text: str
    has_heredoc: bool = False

    @property
    def words(self) -> list[str] | None:
        """The words of the exec form; None for the shell form."""
        try:
            words = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None


def read_dockerfile(text: str) -> tuple[Instruction, ...]:
    """The instructions of a Dockerfile, in order; an unfinished one ends with the text."""
    lines = text.removeprefix("\ufeff").splitlines()
    return tuple(_instructions(lines, _escape(lines), _Ends(lines)))


def _escape(lines: list[str]) -> str:
    """The character that continues a line; a directive above everything else may set it."""
    for line in lines:
        directive = _DIRECTIVE.fullmatch(line.strip())
        if not directive:
            break
        if directive[1].lower() == "escape":
            return directive[2]
    return "\\"


class _Ends:
    """Where the heredocs of a text may end: one look-up for each, however many lines there are."""

    def __init__(self, lines: list[str]) -> None:
        self._places: dict[tuple[str, str], list[int]] = {}
        for number, line in enumerate(lines):
            for tabs, text in (("", line), ("-", line.lstrip("\t"))):
                self._places.setdefault((tabs, text), []).append(number)

    def behind(self, tabs: str, name: str, number: int) -> int | None:
        """The index behind the first line from index `number` that is `name`; None if there is none."""
        places = self._places.get((tabs, name), [])
        at = bisect_left(places, number)
        return places[at] + 1 if at < len(places) else None


def _instructions(lines: list[str], escape: str, ends: _Ends) -> Iterator[Instruction]:
    number = 0
    while number < len(lines):
        first = number + 1
        text, number = _joined(lines, number, escape)
        if text:
            instruction = _divided(first, text)
            behind = _behind_heredocs(instruction, ends, number)
            yield replace(instruction, has_heredoc=behind > number)
            number = behind


def _joined(lines: list[str], number: int, escape: str) -> tuple[str, int]:
    """The instruction that begins at index `number`, without comments, and the index behind it."""
    continuation = re.compile(rf"(?<!{re.escape(escape)}){re.escape(escape)}[ \t]*")
    text = ""
    while number < len(lines):
        line = lines[number]
        number += 1
        stripped = line.strip()
        if stripped.startswith("#") or not stripped:
            if text:
                continue  # a comment or an empty line between continued lines
            break
        at = next((match.start() for match in continuation.finditer(line) if match.end() == len(line)), None)
        text += line if at is None else line[:at]
        if at is None:
            break
    return text.strip(), number


def _divided(line: int, text: str) -> Instruction:
    name, rest = [*re.split(r"\s+", text, maxsplit=1), ""][:2]
    flags = match[0] if (match := _FLAGS.match(rest)) else ""
    return Instruction(line, name.upper(), tuple(flags.split()), rest[len(flags) :].strip())


def _behind_heredocs(instruction: Instruction, ends: _Ends, number: int) -> int:
    """The index behind the bodies of all heredocs of the instruction; `number` if it has none."""
    if instruction.name not in _WITH_HEREDOC or instruction.words is not None:
        return number
    for match in _HEREDOC.finditer(_without_quoted(instruction.text)):
        number = ends.behind(match["tabs"], match["name"].strip("'\""), number) or number
    return number


def _without_quoted(text: str) -> str:
    """The text with blanks in place of << that stands within quotes or a word."""
    words: list[str] = []
    for match in re.finditer(r"""(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"\\])+|\s+|.""", text, re.DOTALL):
        word = match[0]
        words.append(word if re.match(r"\d*<<", word) else word.replace("<<", "  "))
    return "".join(words)
