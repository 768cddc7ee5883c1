"""Write a root's variables into files that no other run changes.

Each content has its own file, named by its hash, and Terraform reads that file. The content of the last call
also lies in `<name>.tfvars.json`, for calls without values and for people.
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

_KEPT = 50  # files of a root; Terraform reads its file within seconds


def file(state: Path, root: str, name: str, values: Mapping[str, Any] | None) -> Path:
    """The file with `values`, or with the values of the last call if `values` is None.

    Raises:
        TandemError: `values` is None, and no call has written any.

    """
    last = state / f"{name}.tfvars.json"
    if values is None:
        if not last.is_file():
            raise TandemError(
                f"terraform/{root} has nothing to apply in {state.name}: no {last.name} was written",
                hint=f"make apply ENV={state.name}",
            )
        text = last.read_text(encoding="utf-8")
    else:
        text = json.dumps(values, indent=2, sort_keys=True) + "\n"
        _write(last, text)
    content_file = (
        state / "terraform" / root / "variables" / f"{name}-{sha256(text.encode()).hexdigest()[:16]}.json"
    )
    _write(content_file, text)
    _remove_old(content_file.parent)
    return content_file


def _write(file: Path, text: str) -> None:
    """Write the file atomically, even if it has the same content: its time protects it from removal."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as written:
        written.write(text)
    Path(name).replace(file)


def _remove_old(folder: Path) -> None:
    times = dict[Path, int]()
    for each in folder.iterdir():
        with suppress(FileNotFoundError):  # another run removes old files too
            times[each] = each.stat().st_mtime_ns
    for old in sorted(times, key=lambda each: times[each])[:-_KEPT]:
        old.unlink(missing_ok=True)
