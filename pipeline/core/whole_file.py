"""Write a file whole or not at all."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from pipeline.core.errors import TandemError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_whole(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write `content` to `path`; a reader sees the old file or the new one, never a part.

    The new file has `mode`, or what the umask leaves, and is synced before it has its name. The folder may be
    one that all users share: nobody can foresee the name that it has until then.

    Raises:
        TandemError: the file cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(part, _NEW, 0o666), "wb") as file:  # noqa: PTH123 - a descriptor
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise TandemError(f"cannot write {path}: {error}", hint=f"ls -ld {path.parent}") from error
