"""The drawing of the rooms in docs/architecture.md is what the imports are."""

import ast
import os
import re
from functools import cache

import grimp
import pytest

from pipeline.core.paths import ROOT
from tests.support.syntax_trees import trees

PAGE = ROOT / "docs" / "architecture.md"
DRAWING = re.compile(r"```mermaid\n.*?```\n\n.*?\n", re.DOTALL)


@cache
def arrows() -> dict[str, set[str]]:
    """Which rooms each room imports."""
    graph = grimp.build_graph("pipeline", "render")
    rooms: dict[str, set[str]] = {}
    for module in graph.modules:
        room = _room(module)
        imported = {_room(other) for other in graph.find_modules_directly_imported_by(module)}
        rooms.setdefault(room, set()).update(imported - {room, "pipeline"})
    rooms.pop("pipeline")
    return rooms


def _room(module: str) -> str:
    return module.removeprefix("pipeline.").split(".")[0]


@cache
def below(room: str) -> frozenset[str]:
    """Every room that can be reached from `room`."""
    return frozenset(arrows()[room]).union(*(below(other) for other in arrows()[room]))


@cache
def floor(room: str) -> int:
    """The number of rooms on the longest chain of imports from `room`, itself included."""
    return 1 + max((floor(other) for other in arrows()[room]), default=0)


def drawing() -> str:
    """The rooms as a graph; an arrow is left out where another way leads to the same room."""
    drawn = [
        f"    {room} --> {other}"
        for room, imported in sorted(arrows().items())
        for other in sorted(imported)
        if not any(other in below(between) for between in imported - {other})
    ]
    floors, count = max(map(floor, arrows())), sum(map(len, arrows().values()))
    summary = (
        f"{len(arrows())} rooms, {floors} floors (the longest chain of imports between rooms), "
        f"{count} arrows. Arrows that follow from others are not drawn."
    )
    return "\n".join(["```mermaid", "flowchart TD", *drawn, "```", "", summary, ""])


def test_the_drawing_shows_the_imports_between_rooms() -> None:
    text = PAGE.read_text(encoding="utf-8")
    if os.environ.get("TANDEM_WRITE_DOCS"):
        text = DRAWING.sub(lambda _: drawing(), text, count=1)
        PAGE.write_text(text, encoding="utf-8")
    assert drawing() in text


@pytest.mark.slow
def test_only_the_terraform_room_runs_the_program() -> None:
    """import-linter sees python_terraform only; a command line names the program."""
    others = {file: tree for file, tree in trees("pipeline").items() if "terraform" not in file.parts[-3:]}
    assert len(others) > 200
    assert [file.name for file, tree in others.items() if any(map(_runs_terraform, ast.walk(tree)))] == []


def _runs_terraform(node: ast.AST) -> bool:
    """Whether it is an argument list that begins with the program, or a search for it on PATH."""
    parts: list[ast.expr] = []
    if isinstance(node, ast.List | ast.Tuple):
        parts = node.elts
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("which"):
        parts = node.args
    return bool(parts) and isinstance(parts[0], ast.Constant) and parts[0].value == "terraform"
