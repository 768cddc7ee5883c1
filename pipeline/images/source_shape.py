"""Say before a build what a source lacks for Tandem's own Dockerfile, and what it has in its place."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.images.ignore_file import IGNORE_FILE
from pipeline.images.python_module import bindings, read_module

_APP_FILES = ("nginx.conf", "entrypoint.sh", "html")
_HANDLERS = ("handler", "lambda_handler")
_DEEPEST = 3  # levels of folders in which files are looked for
_MOST_FILES = 2000


def require_app_files(folder: Path, where: str) -> None:
    """Check that the app in `folder` has what Tandem's Dockerfile copies; `where` names source and commit.

    Raises:
        TandemError: A file is missing.
    """
    missing = [name for name in _APP_FILES if not (folder / name).exists()]
    if missing:
        raise TandemError(
            f"{where} has no {', no '.join(missing)}, which Tandem's Dockerfile copies",
            hint=own_dockerfile_hint(folder, Source.APP)
            or _app_path_hint(folder)
            or "add what is missing, as examples/app has it",
        )


def require_handler_module(folder: Path, handler: str, where: str) -> None:
    """Check that the API in `folder` has the module of its handler.

    Raises:
        TandemError: The module is missing.
    """
    module = handler.rpartition(".")[0].replace(".", "/")
    if (folder / f"{module}.py").is_file() or (folder / module / "__init__.py").is_file():
        return
    others = next(_handlers(folder), "")
    raise TandemError(
        f"{where} has no {module}.py, which handler {handler!r} names",
        hint=(f'set handler = "{others}" under [api] in tandem.toml' if others else "")
        or own_dockerfile_hint(folder, Source.API)
        or "set api.handler in tandem.toml",
    )


def own_dockerfile_hint(folder: Path, source: Source) -> str:
    """How to build with the Dockerfile that the source has; empty if it has none."""
    dockerfile = min(_dockerfiles(folder), key=lambda name: (name.count("/"), len(name), name), default="")
    return f'set dockerfile = "{dockerfile}" under [sources.{source}] in tandem.toml' if dockerfile else ""


def _app_path_hint(folder: Path) -> str:
    """The folder below that has the app's files; empty if none has."""
    folders = (file.parent for file in _files(folder) if file.name == _APP_FILES[0])
    app_paths = [
        str(at.relative_to(folder)) for at in folders if all((at / name).exists() for name in _APP_FILES)
    ]
    return f'set path = "{min(app_paths)}" under [sources.app] in tandem.toml' if app_paths else ""


def _dockerfiles(folder: Path) -> Iterator[str]:
    for file in _files(folder):
        name = file.name.lower()
        is_one = name.startswith(("dockerfile", "containerfile")) or name.endswith(".dockerfile")
        if is_one and not name.endswith(IGNORE_FILE):
            yield str(file.relative_to(folder))


def _files(folder: Path) -> Iterator[Path]:
    """The first files of the source, down to a few folders; no links."""
    for depth in range(1, _DEEPEST + 1):
        for path in islice(folder.glob("/".join("*" * depth)), _MOST_FILES):
            if path.is_file() and not path.is_symlink():
                yield path


def _handlers(folder: Path) -> Iterator[str]:
    """Handlers that modules of the source bind, by the names that AWS's own examples use."""
    for file in sorted(folder.glob("*.py")):
        module = read_module(folder, file.stem)
        names = bindings(module.tree) if module else {}
        yield from (f"{file.stem}.{name}" for name in _HANDLERS if name in names)
