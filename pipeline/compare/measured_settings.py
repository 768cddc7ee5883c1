"""The settings of what a comparison measures: the examples in place of the sources, content in layers."""

from typing import Any

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, Settings
from pipeline.core.values import Source


def with_example_sources(settings: Settings, bulk: int) -> dict[str, Any]:
    """The values of `settings` with the examples as sources, and `bulk` bytes of content beside them."""
    values = settings.model_dump()
    for source in Source:
        values["sources"][source.value] = {"repository": str(ROOT / "examples" / source.value)}
    values["local"]["bulk"] = bulk
    del values["api"]["handler"]  # the example's is the default
    return values


def require_content_of_files(project: Project, hint: str) -> None:
    """Check that the content is files of its source, which layers can be written from.

    Raises:
        TandemError: The content has its own Dockerfile.
    """
    if name := project.settings.sources.static.dockerfile:
        raise TandemError(
            f"layers of content cannot be measured: the content is what {name!r} of source static makes",
            hint=hint,
        )
