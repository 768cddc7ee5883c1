"""Read from the API's code, without running it, that its handler cannot work in Lambda.

Only what is certain is an error. What the code decides at run time is left to the probe of the new version.
"""

import ast
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.git.printable_text import printable
from pipeline.images.lock_file import LOCK, LOCK_COMMAND
from pipeline.images.python_module import (
    PythonModule,
    bindings,
    dotted_name,
    imported_from,
    is_dynamic,
    read_module,
)

_ASGI, _WSGI = "ASGI", "WSGI"
_ADAPTERS = {"mangum.Mangum": _ASGI, "apig_wsgi.make_lambda_handler": _WSGI}
"""What makes a handler from an application, and the interface that it calls."""
_APPLICATIONS = {
    **dict.fromkeys(
        ("flask.Flask", "bottle.Bottle", "bottle.default_app", "falcon.App", "falcon.API"), _WSGI
    ),
    **dict.fromkeys(("django.core.wsgi.get_wsgi_application", "falcon.app.App", "flask.app.Flask"), _WSGI),
    **dict.fromkeys(("fastapi.FastAPI", "fastapi.applications.FastAPI", "litestar.Litestar"), _ASGI),
    **dict.fromkeys(("starlette.applications.Starlette", "quart.Quart", "falcon.asgi.App"), _ASGI),
    **dict.fromkeys(
        ("django.core.asgi.get_asgi_application", "sanic.Sanic", "blacksheep.Application"), _ASGI
    ),
}
_HINTS = {
    _ASGI: "wrap it: handler = Mangum(app), with mangum in requirements.txt",
    _WSGI: "wrap it: handler = Mangum(a2wsgi.WSGIMiddleware(app)), with both in requirements.txt",
}
_DEEPEST = 10  # steps from the handler to its application
_CLIENT = "awslambdaric"
_SERVERS = {"uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "waitress"}


_Argument = tuple[PythonModule, ast.expr]
_Made = tuple[str, _Argument | None]
_UNKNOWN: _Made = ("", None)


def require_working_handler(folder: Path, handler: str, packages: Collection[str], what: str) -> None:
    """Check the API's source in `folder`; `packages` are the names in its lock file, `what` names the source.

    Raises:
        TandemError: Lambda's runtime client is missing, the handler is, or it cannot be called by Lambda.
    """
    names = set(map(str.lower, packages))
    if _CLIENT not in names and not (folder / _CLIENT).is_dir():
        if names & _SERVERS:
            return  # an API that runs as tasks only needs no client
        raise TandemError(
            f"{what}: {LOCK} has no {_CLIENT}: without this client Lambda cannot start the handler",
            hint=f"add {_CLIENT} to requirements.txt and lock it again: {LOCK_COMMAND}",
        )
    with suppress(RecursionError):  # Code that is nested so deeply is in doubt.
        _require_handler(folder, handler, what)


def _require_handler(folder: Path, handler: str, what: str) -> None:
    require_handler(folder, handler, what)


def require_handler(folder: Path, handler: str, what: str) -> None:
    """Check that the handler's module in `folder` has it, and that Lambda can call it.

    Raises:
        TandemError: The module has no such name, or it is an application that Lambda cannot call.
    """
    module_name, _, name = handler.rpartition(".")
    module = read_module(folder, module_name)
    if module is None:
        return
    is_submodule = read_module(folder, handler) is not None
    if name not in bindings(module.tree) and not is_dynamic(module.tree) and not is_submodule:
        names = printable(", ".join(sorted(bindings(module.tree)))) or "nothing"
        raise TandemError(
            f"{what}: {module.file.relative_to(folder)} has no {name!r}, which handler {handler!r} names; it"
            f" has {names}",
            hint="correct api.handler in tandem.toml",
        )
    _require_interface(module, handler, name, what)


def _require_interface(module: PythonModule, handler: str, name: str, what: str) -> None:
    maker, arguments = _maker(module, ast.Name(name), _DEEPEST)
    interface = _APPLICATIONS.get(maker)
    if interface:
        raise TandemError(
            f"{what}: handler {handler!r} is the {interface} application itself ({maker}), which Lambda"
            " cannot call",
            hint=_HINTS[interface],
        )
    if maker not in _ADAPTERS or arguments is None:
        return
    where, application = arguments
    of_application = _APPLICATIONS.get(_maker(where, application, _DEEPEST)[0])
    if of_application and of_application != _ADAPTERS[maker]:
        raise TandemError(
            f"{what}: handler {handler!r} calls {maker}, which is for {_ADAPTERS[maker]}, with an application"
            f" of {of_application}",
            hint=_HINTS[of_application],
        )


def _maker(module: PythonModule, value: ast.expr, depth: int) -> _Made:
    """The dotted name of what `value` was made by a call of, and its first argument; empty if unknown."""
    if isinstance(value, ast.Call):
        made_by = dotted_name(module, value.func)
        is_known = made_by in _ADAPTERS or made_by in _APPLICATIONS
        return (made_by, _first(module, value)) if is_known else _returned(module, value.func, depth)
    if depth == 0 or not isinstance(value, ast.Name):
        return _UNKNOWN
    binding = module.binding(value.id)
    if isinstance(binding, ast.ImportFrom):
        origin = imported_from(module, binding, value.id)
        return _maker(origin[0], ast.Name(origin[1]), depth - 1) if origin else _UNKNOWN
    assigned_value = binding.value if isinstance(binding, ast.Assign | ast.AnnAssign) else None
    return _maker(module, assigned_value, depth - 1) if assigned_value else _UNKNOWN


def _first(module: PythonModule, call: ast.Call) -> _Argument | None:
    """The application: the first argument, or the one with its name."""
    keywords = [item.value for item in call.keywords if item.arg in {"app", "wsgi_app"}]
    values = [*call.args, *keywords]
    return (module, values[0]) if values else None


def _returned(module: PythonModule, function: ast.expr, depth: int) -> _Made:
    """The same of what a function of the source returns: app = create_app()."""
    binding = module.binding(function.id) if isinstance(function, ast.Name) and depth else None
    if isinstance(binding, ast.ImportFrom) and isinstance(function, ast.Name):
        origin = imported_from(module, binding, function.id)
        return _returned(origin[0], ast.Name(origin[1]), depth - 1) if origin else _UNKNOWN
    if not isinstance(binding, ast.FunctionDef) or binding.decorator_list:
        return _UNKNOWN
    return_values = [item.value for item in ast.walk(binding) if isinstance(item, ast.Return) and item.value]
    if len(return_values) != 1:
        return _UNKNOWN
    # The names of the function's body, and those of its module.
    inside = replace(module, tree=ast.Module([*module.tree.body, *binding.body], []))
    return _maker(inside, return_values[0], depth - 1)
