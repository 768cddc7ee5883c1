"""Match paths with the patterns of a .dockerignore, as Docker reads them, in a time that no pattern prolongs.

All patterns are one automaton. The bits of one integer are the places in the patterns that a path can have
reached (Baeza-Yates and Gonnet, 1992), so each character of a path costs the same. The SDK of Docker makes a
regular expression of each pattern instead: ten times `**/` keep it busy for ever.
"""

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

_MOST_MOVES = 1000  # each can take as many bytes as the patterns have


class PatternError(ValueError):
    """A line that is no pattern."""


class _Wildcard(Enum):
    ONE = "one character of a name"
    NAME = "any part of a name"
    BEGIN_FOLDERS = "nothing, or what FOLDERS takes"
    FOLDERS = "anything that ends with /"
    ALL = "anything"


@dataclass(frozen=True)
class _Class:
    """Characters in brackets, as ranges."""

    ranges: tuple[tuple[str, str], ...]
    is_negated: bool

    def takes(self, character: str) -> bool:
        is_in_range = any(first <= character <= last for first, last in self.ranges)
        return character != "/" and is_in_range != self.is_negated


_Token = str | _Wildcard | _Class


class Place(NamedTuple):
    """Where a path stands: the bits that it has reached, and the last pattern that takes it or a parent."""

    reached: int
    taken_by: int


class IgnorePatterns:
    """Patterns of which the last one that takes a path or one of its folders decides."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Compile the patterns of `read_patterns`.

        Raises:
            PatternError: one of them is none.
        """
        self._bits: defaultdict[_Token | None, list[int]] = defaultdict(list)
        self._size = 0
        exceptions: list[int] = []
        begins: list[int] = []
        for pattern in patterns:
            begin = self._size
            begins.append(begin)
            self._add(pattern.removeprefix("!"))
            if pattern.startswith("!"):
                exceptions += range(begin, self._size)
        self._ends = self._mask(None)
        self._exceptions = self._integer(exceptions)
        self._begin_folders = self._mask(_Wildcard.BEGIN_FOLDERS)
        self._folders = self._mask(_Wildcard.FOLDERS)
        self._skippable = self._mask(_Wildcard.NAME) | self._mask(_Wildcard.ALL)
        self._repeats = self._skippable | self._folders
        self._repeats_over_slash = self._mask(_Wildcard.ALL) | self._folders
        self._moves: dict[str, int] = {}
        self.top = Place(self._skipped(self._integer(begins)), 0)

    def child(self, folder: Place, name: str) -> Place:
        """Where the entry `name` of a folder stands; `folder` is `top`, or what `inside` returned."""
        reached = folder.reached
        for character in name:
            if not reached:
                break
            reached = self._step(reached, character)
        return Place(reached, max(folder.taken_by, (reached & self._ends).bit_length()))

    def inside(self, place: Place) -> Place:
        """Where the entries of a folder begin."""
        return Place(self._step(place.reached, "/"), place.taken_by)

    def is_ignored(self, place: Place) -> bool:
        """Whether the path is left out."""
        return bool(place.taken_by) and not self._exceptions >> (place.taken_by - 1) & 1

    def may_keep_below(self, folder: Place) -> bool:
        """Whether something in an ignored folder can still be kept; `folder` is what `inside` returned."""
        return bool((folder.reached & self._exceptions) >> folder.taken_by)

    def _step(self, reached: int, character: str) -> int:
        if character == "/":
            moved = reached & self._repeats_over_slash | (reached & self._folders) << 1
        else:
            moved = reached & self._repeats
        return self._skipped(moved | (reached & self._move(character)) << 1)

    def _skipped(self, reached: int) -> int:
        """With the places behind what may be empty."""
        folders = reached & self._begin_folders
        reached |= folders << 1 | folders << 2
        return reached | (reached & self._skippable) << 1

    def _move(self, character: str) -> int:
        """The places that take `character` and are left by it."""
        if character not in self._moves:
            if len(self._moves) >= _MOST_MOVES:
                self._moves.clear()
            self._moves[character] = self._integer(
                bit
                for token, bits in self._bits.items()
                if token == character
                or (token is _Wildcard.ONE and character != "/")
                or (isinstance(token, _Class) and token.takes(character))
                for bit in bits
            )
        return self._moves[character]

    def _add(self, pattern: str) -> None:
        for token in (*_tokens(pattern), None):
            self._bits[token].append(self._size)
            self._size += 1

    def _mask(self, token: _Token | None) -> int:
        return self._integer(self._bits.get(token, []))

    def _integer(self, bits: Iterable[int]) -> int:
        buffer = bytearray(self._size // 8 + 1)
        for bit in bits:
            buffer[bit >> 3] |= 1 << (bit & 7)
        return int.from_bytes(buffer, "little")


def read_patterns(text: str) -> Iterator[tuple[int, str]]:
    """The patterns of a .dockerignore with the number of their line, without `.` and `..`."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        rule = "" if line.startswith("#") else line.strip()
        exception = "!" if rule.startswith("!") else ""
        pattern = posixpath.normpath(f"/{rule.removeprefix('!').strip()}").lstrip("/")
        if pattern:
            yield number, f"{exception}{pattern}"


def _tokens(pattern: str) -> Iterator[_Token]:
    at, was_folders = 0, False
    while at < len(pattern):
        tokens, at = _next(pattern, at)
        is_folders = _Wildcard.FOLDERS in tokens
        if not (is_folders and was_folders):  # twice takes the same as once
            yield from tokens
        was_folders = is_folders


def _next(pattern: str, at: int) -> tuple[tuple[_Token, ...], int]:
    """The tokens at index `at`, and the index behind them.

    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    if pattern.startswith("**", at):
        at += 3 if pattern.startswith("**/", at) else 2
        begins = (_Wildcard.BEGIN_FOLDERS, _Wildcard.FOLDERS)
        return (begins if at < len(pattern) else (_Wildcard.ALL,)), at
    match pattern[at]:
        case "*":
            return (_Wildcard.NAME,), at + 1
        case "?":
            return (_Wildcard.ONE,), at + 1
        case "\\" if at + 1 < len(pattern):
            return (pattern[at + 1],), at + 2
        case "[":
            return _brackets(pattern, at)
        case character:
            return (character,), at + 1


def _brackets(pattern: str, at: int) -> tuple[tuple[_Token, ...], int]:
    """The class at index `at`; without an end it is a plain bracket."""
    begin = at + 1 + pattern.startswith("^", at + 1)
    end = pattern.find("]", begin + 1)
    if end < 0:
        return ("[",), at + 1
    return (_Class(tuple(_ranges(pattern[begin:end])), begin > at + 1),), end + 1


def _ranges(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        first = last = text[at]
        if text[at + 1 : at + 2] == "-" and at + 2 < len(text):
            last, at = text[at + 2], at + 2
        if first > last:
            raise PatternError(f"bad character range {first}-{last}")
        yield first, last
        at += 1
