"""Pack the context of a build into the archive that Docker gets."""

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

from docker.utils.build import create_archive

from pipeline.images.ignore_file import IGNORE_FILE, sent_paths


def pack(context: Path, dockerfile: Path, patterns: list[str]) -> tuple[Any, str]:
    """An archive of what the patterns leave of `context`, and the Dockerfile's name in it.

    A Dockerfile from elsewhere gets a name of its own, which Docker removes before it builds.
    """
    inside = os.path.relpath(dockerfile.resolve(), context.resolve())
    name, extra_files = inside, list[tuple[str, str]]()
    if Path(inside).parts[0] == os.pardir:
        name = f".dockerfile.{uuid4().hex}"
        extra_files = [
            (IGNORE_FILE, f"{IGNORE_FILE}\n{name}"),
            (name, dockerfile.read_text(encoding="utf-8")),
        ]
    files = sorted(sent_paths(context, patterns, name))
    return create_archive(str(context), files, extra_files=extra_files), name
