"""Tag an image by all of its inputs, so that equal inputs are built once."""

import hashlib
import json
from collections.abc import Collection

from pipeline.core.paths import IMAGES
from pipeline.core.settings import Project
from pipeline.core.values import Commit
from pipeline.git import sources

_FORMAT = 1  # raise it when equal inputs build another image


def tag_of(project: Project, name: str, commits: Collection[Commit], base: str) -> str:
    """The tag of image `name` of `commits` on the base image with local tag `base`.

    Raises:
        TandemError: A commit or its folder is missing.
    """
    settings = project.settings
    targets = [settings.sources[commit.source].target for commit in commits]
    inputs = {
        "format": _FORMAT,
        "name": name,
        "trees": [sources.tree_id(project, commit) for commit in commits],
        "dockerfiles": [settings.sources[commit.source].dockerfile for commit in commits],
        # Only where there is one: without it images keep the tags that they had before there were targets.
        **({"targets": targets} if any(targets) else {}),
        "recipe": _recipe(name),
        # Without the stack's name: two checkouts on one machine build equal images.
        "base": base.partition("/")[2],
        "port": settings.task.port,
        "content_path": settings.task.content_path,
        "handler": settings.api.handler if name == "api" else "",
    }
    return "in-" + hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:40]


def _recipe(name: str) -> str:
    """The digest of the image's Dockerfile and the files beside it."""
    digest = hashlib.sha256()
    for file in sorted(path for path in (IMAGES / name).rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(IMAGES)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()
