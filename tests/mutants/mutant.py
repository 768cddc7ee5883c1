"""Mutants: single changes of safety-relevant code, read from the .toml files of this folder."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

LISTS = Path(__file__).parent


class OutdatedError(Exception):
    """A mutant no longer fits the code."""


@dataclass(frozen=True)
class Mutant:
    """One change: `old`, which occurs once in `file`, becomes `new`; one of `tests` must fail then.

    `name` says what the changed code does wrong. `file` and the tests' ids are relative to the project.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    seconds: int = 300
    """What its tests may take: a mutant that waits for ever is noticed by that."""

    def apply(self, text: str) -> str:
        """`text` of the file, changed.

        Raises:
            OutdatedError: `old` does not occur exactly once, or the change is none.
        """
        if text.count(self.old) != 1:
            count = text.count(self.old)
            raise OutdatedError(f"{self.name}: its old text occurs {count} times in {self.file}, not once")
        changed = text.replace(self.old, self.new)
        if changed == text:
            raise OutdatedError(f"{self.name}: it changes nothing in {self.file}")
        return changed


def load_mutants(folder: Path = LISTS) -> list[Mutant]:
    """All mutants of the lists in `folder`."""
    lists = [tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.toml"))]
    return [_mutant(values) for each in lists for values in each["mutant"]]


def _mutant(values: dict[str, object]) -> Mutant:
    tests = values["tests"]
    assert isinstance(tests, list)
    return Mutant(**{**values, "tests": tuple(tests)})  # type: ignore[arg-type]
