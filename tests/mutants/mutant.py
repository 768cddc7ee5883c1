"""Mutants: single changes of safety-relevant code, read from the .toml files of this folder."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

LISTS = Path(__file__).parent


class OutdatedError(Exception):
    """A mutant no longer fits the code."""


@dataclass(frozen=True)
class Mutant:
    """One change: `old`, which occurs once in the file or folder `place`, becomes `new`, and a test fails.

    `name` says what the changed code does wrong. `place` and the ids of `tests` are relative to the project.
    A folder is named where code may move between its files.
    """

    name: str
    place: str
    old: str
    new: str
    tests: tuple[str, ...]
    seconds: int = 300
    """What its tests may take: a mutant that waits for ever is noticed by that."""

    def find(self, project: Path) -> tuple[Path, str]:
        """The file to change, and its changed text.

        Raises:
            OutdatedError: `old` does not occur exactly once, or the change is none.
        """
        candidates = [
            (file, text) for file in _files(project / self.place) if self.old in (text := _read(file))
        ]
        count = sum(text.count(self.old) for _, text in candidates)
        if count != 1:
            raise OutdatedError(f"{self.name}: its old text occurs {count} times in {self.place}, not once")
        ((file, text),) = candidates
        if self.old == self.new:
            raise OutdatedError(f"{self.name}: it changes nothing in {self.place}")
        return file, text.replace(self.old, self.new)


def _files(place: Path) -> list[Path]:
    if place.is_dir():
        return sorted(file for file in place.rglob("*") if file.suffix in {".py", ".tf"})
    return [place] if place.is_file() else []


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def load_mutants(folder: Path = LISTS) -> list[Mutant]:
    """All mutants of the lists in `folder`."""
    lists = [tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.toml"))]
    return [_mutant(values) for each in lists for values in each["mutant"]]


def _mutant(values: dict[str, object]) -> Mutant:
    tests = values["tests"]
    assert isinstance(tests, list)
    return Mutant(**{**values, "tests": tuple(tests)})  # type: ignore[arg-type]
