"""Read from the API's own Dockerfile, without building it, that its handler cannot be found in the image.

Only what is certain is an error: a module that a package or a command may bring is left to the probe.
"""

import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from pipeline.core.errors import TandemError
from pipeline.core.settings import ApiSettings
from pipeline.images.api_handler import require_handler
from pipeline.images.dockerfile import Instruction
from pipeline.images.ignore_file import read_ignore_file, sent_paths
from pipeline.images.image_files import ImageFiles, follow
from pipeline.images.instruction_words import UncertainError
from pipeline.images.python_module import is_dynamic, read_module

_CLIENT = re.compile(r"(?:exec )?\S*python[\d.]* -m awslambdaric(?: (.*))?")
_OF_COMMAND = {"${1:-$HANDLER}", "${1:-${HANDLER}}", "${1:-}", "$1", "${1}", "$@"}
_HANDLER = re.compile(r"[A-Za-z_][\w./]*\.\w+")
_TASK_ROOT = "/var/task"


def require_own_handler(
    folder: Path,
    instructions: Sequence[Instruction],
    arguments: Mapping[str, str],
    settings: ApiSettings,
    what: str,
) -> None:
    """Check the handler of the API in `folder`, which `instructions` build; `what` names the source.

    Raises:
        TandemError: The image has no such module, its module no such function, or .dockerignore is wrong.
    """
    patterns = read_ignore_file(folder, what)
    try:
        image = follow(instructions, folder, set(sent_paths(folder, patterns)), arguments)
    except (UncertainError, ValueError, OSError, NotImplementedError, re.error):
        return  # the last four: a name or a pattern that no file system takes
    root, handler = _started(image, settings.handler or _command(image))
    if not _HANDLER.fullmatch(handler) or any(_overlap(root, place) for place in image.elsewhere):
        return
    with TemporaryDirectory(prefix="tandem-handler-") as work:
        task = Path(work)
        _write(image, root, task)
        if handler == settings.handler and "handler" not in settings.model_fields_set:
            _require_no_other(image, task, handler, what)
        _require_module(image, task, handler.replace("/", "."), what)
        require_handler(task, handler.replace("/", "."), what)


def _started(image: ImageFiles, command: str) -> tuple[PurePosixPath, str]:
    """Where Lambda's runtime client looks for the handler first, and the handler; empty if unknown."""
    if image.is_aws and not image.entrypoint:
        root = PurePosixPath(_TASK_ROOT)
        is_plain = image.workdir == root == PurePosixPath(image.variables["LAMBDA_TASK_ROOT"])
        return root, command if is_plain else ""
    in_shell = image.entrypoint[:2] == ["sh", "-c"]
    client = _CLIENT.fullmatch(image.entrypoint[2] if in_shell else " ".join(image.entrypoint))
    if not client or (in_shell and client[1] is None):
        return image.workdir, ""
    argument = (client[1] or "").strip("\"'")
    if not argument or argument in _OF_COMMAND:
        return image.workdir, command or image.variables.get("HANDLER", "")
    return image.workdir, image.variables.get(argument.strip("${}"), argument)


def _require_no_other(image: ImageFiles, task: Path, handler: str, what: str) -> None:
    """Refuse the default handler where CMD names another one, and only this one is there."""
    other = _command(image).replace("/", ".")
    if other in {"", handler} or _top(task, handler) or not read_module(task, other.rpartition(".")[0]):
        return
    raise TandemError(
        f"{what}: the Dockerfile's CMD is {other!r}, but api.handler replaces it by its default {handler!r},"
        " which is not there",
        hint='set handler = "" under [api] in tandem.toml, which keeps the CMD',
    )


def _require_module(image: ImageFiles, task: Path, handler: str, what: str) -> None:
    """The parts of the module's name, from the outermost: what is found first is where Python looks on."""
    parts = handler.split(".")[:-1]
    top = _top(task, handler)
    may_be_elsewhere = image.installs or image.elsewhere or parts[0] in sys.stdlib_module_names
    if not top and may_be_elsewhere:
        return
    for count in range(1, len(parts) + 1):
        path = task.joinpath(*parts[:count])
        above = path.parent / "__init__.py"
        if count > 1 and (not above.is_file() or _is_dynamic(task, parts[: count - 1])):
            return  # a folder without __init__.py may go on elsewhere
        if not path.with_name(f"{path.name}.py").is_file() and not path.is_dir():
            name = "/".join(parts[:count])
            raise TandemError(
                f"{what}: the image of its Dockerfile has no {name}.py, which handler {handler!r} names",
                hint="correct api.handler in tandem.toml, or COPY the module",
            )


def _is_dynamic(task: Path, parts: Sequence[str]) -> bool:
    package = read_module(task, ".".join(parts))
    return (
        package is None or is_dynamic(package.tree) or "__path__" in package.file.read_text(errors="replace")
    )


def _top(task: Path, handler: str) -> bool:
    top = task / handler.partition(".")[0]
    return top.is_dir() or top.with_name(f"{top.name}.py").is_file()


def _command(image: ImageFiles) -> str:
    [handler] = image.command if len(image.command) == 1 else [""]
    return handler if _HANDLER.fullmatch(handler) else ""


def _overlap(one: PurePosixPath, other: PurePosixPath) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _write(image: ImageFiles, root: PurePosixPath, task: Path) -> None:
    """Lay out the image's Python files below `root`."""
    for place, file in image.python_files(root):
        target = task / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
