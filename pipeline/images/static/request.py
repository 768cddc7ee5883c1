"""What a build of the static image is asked for, and what it gives back."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.core.steps import Step
from pipeline.core.values import ImageRef
from pipeline.images.static.delta_plan import Bridge


@dataclass(frozen=True)
class BuildRequest:
    """One static image that is to be in a registry."""

    source: str
    """A git repository: its path or URL."""
    commit: str
    repository: str
    """Where to push: `host/path`."""
    runtime_image: ImageRef
    """The small image that the content goes on top of."""
    cache: Path
    """A folder that may vanish at any time."""
    path: str = "."
    content_path: str = "/srv/static"
    precompress: tuple[str, ...] = ()
    bridge: Bridge = Bridge(0, ())  # noqa: RUF009 - frozen
    predecessor: ImageRef | None = None
    """The image to start from; without it, the newest in the repository."""
    may_be_empty: bool = True
    """Whether a commit without a single file is taken."""
    canonical: bool = False
    """Depend on the tree alone: no predecessor, nothing kept, the same bytes everywhere."""

    @property
    def root(self) -> str:
        """The content's folder as tar names it."""
        return self.content_path.strip("/")


@dataclass(frozen=True)
class BuiltStatic:
    """A static image in the registry, and what it took."""

    image: ImageRef
    how: str
    """nothing, delta, rebase or cold."""
    layers: int
    bytes: int
    """Compressed bytes of the image: what a pull moves."""
    sent: int
    """Bytes that went to the registry."""
    files: int
    """Files that were written."""
    steps: tuple[Step, ...]
    compaction_due: str = ""
    """Why `tandem static compact` would pay, or nothing."""
