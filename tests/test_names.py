"""One name, one thing: classes, modules of different rooms, and variables that say what they hold."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.syntax_trees import trees

pytestmark = pytest.mark.slow  # parses every file

TOPICS = {"ecs", "fargate", "load_balancer", "logs", "secrets", "waterfall"}
"""Modules of several rooms that are about the same thing. A verb's module is called as what it does."""
VAGUE = {"found", "given", "ours", "said", "wanted"}


def in_rooms() -> dict[Path, ast.Module]:
    return trees("pipeline") | trees("render")


def several(places: dict[str, set[str]]) -> dict[str, set[str]]:
    return {name: where for name, where in places.items() if len(where) > 1}


def test_no_class_name_stands_for_two_things() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for file, tree in in_rooms().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                places[node.name].add(str(file))
    assert len(places) > 300
    assert several(places) == {}


def test_no_module_name_stands_for_two_things() -> None:
    rooms: dict[str, set[str]] = defaultdict(set)
    for file in in_rooms():
        is_verb = file.parts[:3] == ("pipeline", "cli", "commands")
        if file.stem != "__init__" and not is_verb:
            rooms[file.stem].add(file.parts[1] if file.parts[0] == "pipeline" else "render")
    assert several(rooms).keys() == TOPICS


def names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Each name that code gives to a value or a function, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                yield name, node.lineno
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno


def test_names_say_what_they_hold() -> None:
    assert [
        f"{file}:{line} {name}"
        for file, tree in (in_rooms() | trees("tests") | trees("examples")).items()
        for name, line in names(tree)
        if name in VAGUE
    ] == []
