"""Read from the text of a Python module which names it binds, and what a name stands for; nothing runs."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_DYNAMIC = {"globals", "exec", "setattr", "vars", "locals"}
_MOST_BYTES = 1 << 20
_NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass(frozen=True)
class PythonModule:
    """The syntax tree of one module of the source in `folder`."""

    folder: Path
    name: str
    file: Path
    tree: ast.Module

    @property
    def package(self) -> list[str]:
        """The package of its relative imports."""
        parts = self.name.split(".")
        return parts if self.file.name == "__init__.py" else parts[:-1]

    def binding(self, name: str) -> ast.stmt | None:
        """The statement that binds `name`; None if there is none, or several: what runs last decides."""
        statements = bindings(self.tree).get(name, [])
        return statements[0] if len(statements) == 1 else None


def dotted_name(module: PythonModule, value: ast.expr) -> str:
    """The full name behind an expression such as `Flask`, `flask.Flask` or an alias; empty if unknown."""
    if isinstance(value, ast.Attribute):
        above = dotted_name(module, value.value)
        return f"{above}.{value.attr}" if above else ""
    binding = module.binding(value.id) if isinstance(value, ast.Name) else None
    if not isinstance(value, ast.Name):
        return ""
    if isinstance(binding, ast.Import):
        original_names = [alias.name for alias in binding.names if alias.asname == value.id]
        return original_names[0] if original_names else value.id
    if isinstance(binding, ast.ImportFrom) and not binding.level:
        return f"{binding.module}.{_original(binding, value.id)}"
    return ""


def imported_from(
    module: PythonModule, statement: ast.ImportFrom, name: str
) -> tuple[PythonModule, str] | None:
    """The module of the source that `name` is imported from, and its name there; None if it is elsewhere."""
    package = module.package[: len(module.package) - statement.level + 1] if statement.level else []
    parts = [*package, *(statement.module.split(".") if statement.module else [])]
    source_module = read_module(module.folder, ".".join(parts)) if parts else None
    return (source_module, _original(statement, name)) if source_module else None


def _original(statement: ast.ImportFrom, name: str) -> str:
    """The name in its own module of what is imported as `name`."""
    return next(item.name for item in statement.names if name == (item.asname or item.name))


def read_module(folder: Path, name: str) -> PythonModule | None:
    """A module of the source; None if it is not one, or if the build will tell that it is no Python."""
    path = folder.joinpath(*name.split("."))
    for file in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
        try:
            if file.is_file() and not file.is_symlink() and file.stat().st_size <= _MOST_BYTES:
                return PythonModule(folder, name, file, ast.parse(file.read_bytes()))
        except (*_NO_PYTHON, OSError):  # a name that is too long for a file
            return None
    return None


def bindings(tree: ast.Module) -> dict[str, list[ast.stmt]]:
    """The names of a module, with the statements that bind them; those of branches as well."""
    statements_by_name: dict[str, list[ast.stmt]] = {}
    for statement in _statements(tree.body):
        for name in _bound_by(statement):
            statements_by_name.setdefault(name, []).append(statement)
    return statements_by_name


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run on import: not the bodies of functions and classes."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for _, value in ast.iter_fields(statement):
            for item in value if isinstance(value, list) else []:
                if isinstance(item, ast.stmt):
                    yield from _statements([item])
                elif isinstance(item, ast.ExceptHandler | ast.match_case):
                    yield from _statements(item.body)


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import):
        yield from (item.asname or item.name.partition(".")[0] for item in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        yield from (item.asname or item.name for item in statement.names)
    else:
        # Targets of assignments, loops, `with` and `:=`; inner statements are walked on their own.
        for node in _expressions(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    inner = (ast.stmt, ast.ExceptHandler, ast.match_case)
    waiting: list[ast.AST] = [item for item in ast.iter_child_nodes(statement) if not isinstance(item, inner)]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [item for item in ast.iter_child_nodes(node) if not isinstance(item, inner)]


def is_dynamic(tree: ast.Module) -> bool:
    """Whether the module may bind names that its text does not show."""
    return any(_binds_unseen(node) for node in ast.walk(tree))


def _binds_unseen(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return any(item.name == "*" for item in node.names)
    if isinstance(node, ast.Name):
        return node.id in _DYNAMIC
    if isinstance(node, ast.Attribute):
        return node.attr == "modules"
    return isinstance(node, ast.Global) or (isinstance(node, ast.FunctionDef) and node.name == "__getattr__")
