"""The project's code as syntax trees, for tests of its names and its rules."""

import ast
from functools import cache
from pathlib import Path

from pipeline.core.paths import ROOT


@cache
def trees(folder: str) -> dict[Path, ast.Module]:
    """Each file below `folder` by its path in the project."""
    files = sorted((ROOT / folder).rglob("*.py"))
    return {file.relative_to(ROOT): ast.parse(file.read_text(encoding="utf-8")) for file in files}
