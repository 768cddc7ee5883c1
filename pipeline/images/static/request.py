"""The request for a static image, and the result of its build."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.core.steps import Step
from pipeline.core.values import ImageRef
from pipeline.images.static.delta_plan import Bridge


@dataclass(frozen=True)
class BuildRequest:
    """A static image to build and push."""

    source: str
    """A git repository: its path or URL."""
    commit: str
    repository: str
    """The repository to push to: `host/path`."""
    runtime_image: ImageRef
    """The small image below the content: it has the program that the container runs."""
    cache: Path
    """A folder that may vanish at any time."""
    path: str = "."
    content_path: str = "/srv/static"
    precompress: tuple[str, ...] = ()
    bridge: Bridge = Bridge(0, ())  # noqa: RUF009 - frozen
    predecessor: ImageRef | None = None
    """The image to start from; without it, the newest in the repository."""
    may_be_empty: bool = True
    """Whether a commit without any file is built."""
    canonical: bool = False
    """Whether the digest depends on the tree alone: no predecessor, no kept file, equal bytes everywhere."""

    @property
    def root(self) -> str:
        """The content's folder as tar names it."""
        return self.content_path.strip("/")


@dataclass(frozen=True)
class BuiltStatic:
    """A static image in the registry, and the cost of its build."""

    image: ImageRef
    how: str
    """nothing, delta or cold."""
    layers: int
    bytes: int
    """Compressed bytes of the image, which a pull transfers."""
    sent: int
    """Bytes that were sent to the registry."""
    files: int
    """Files that were written."""
    steps: tuple[Step, ...]
    compaction_due: str = ""
    """Why `tandem static compact` would pay; empty if it would save little."""
