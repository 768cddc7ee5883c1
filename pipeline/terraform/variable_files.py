"""Write the variables of a root to files that only one run uses.

Terraform gets a file named after its content, so a run that only reads cannot change what another run
applies. Beside it, `<variable>.tfvars.json` holds the newest content: for later calls without values, and for
people.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.core.errors import TandemError
from pipeline.core.private_files import private_folder

_KEEP = 50  # files of a root; Terraform reads its file within seconds


def write_variables(state: Path, root: str, name: str, values: Mapping[str, Any] | None) -> Path:
    """Write `values` to a file for Terraform; without values, take those of the last call.

    Raises:
        TandemError: there are no values and there was no earlier call.
    """
    newest = state / f"{name}.tfvars.json"
    if values is None:
        if not newest.is_file():
            raise TandemError(
                f"terraform/{root} has nothing to apply in {state.name}: no {newest.name} was written",
                hint=f"make apply ENV={state.name}",
            )
        text = newest.read_text(encoding="utf-8")
    else:
        text = json.dumps(values, indent=2, sort_keys=True) + "\n"
        _replace(newest, text)
    digest = sha256(text.encode()).hexdigest()[:16]
    file = state / "terraform" / root / "variables" / f"{name}-{digest}.json"
    _replace(file, text)
    _delete_old_files(file.parent)
    return file


def _replace(file: Path, text: str) -> None:
    """Write the file atomically, also with the same content: its new mtime saves it from deletion."""
    private_folder(file.parent)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as temporary:
        temporary.write(text)
    Path(name).replace(file)


def _delete_old_files(folder: Path) -> None:
    mtimes = dict[Path, int]()
    for file in folder.iterdir():
        with suppress(FileNotFoundError):  # another run deletes files at the same time
            mtimes[file] = file.stat().st_mtime_ns
    for file in sorted(mtimes, key=lambda file: mtimes[file])[:-_KEEP]:
        file.unlink(missing_ok=True)
