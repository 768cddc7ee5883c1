"""Files with a root's variables: what one run applies cannot be changed by another that only looks.

Each content has a file of its own, which Terraform is given. Beside it the last content lies under the
variable's name, for who gives none, and for people.
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

_KEPT = 50  # files of a root; Terraform reads the one that it is given within seconds


def file(state: Path, root: str, name: str, values: Mapping[str, Any] | None) -> Path:
    """The file that says `values`; without any, what the last call said. TandemError if there was none."""
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
        _put(last, text)
    own = state / "terraform" / root / "variables" / f"{name}-{sha256(text.encode()).hexdigest()[:16]}.json"
    _put(own, text)
    _forget(own.parent)
    return own


def _put(file: Path, text: str) -> None:
    """Whole or not there; written again, so that it counts as new."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as written:
        written.write(text)
    Path(name).replace(file)


def _forget(folder: Path) -> None:
    written = dict[Path, int]()
    for each in folder.iterdir():
        with suppress(FileNotFoundError):  # another run clears away as well
            written[each] = each.stat().st_mtime_ns
    for old in sorted(written, key=lambda each: written[each])[:-_KEPT]:
        old.unlink(missing_ok=True)
