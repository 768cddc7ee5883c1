"""The changes of a release as values: commits, fields, changes by hand, Terraform's plan."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from pipeline.core.values import Commit, Layout, Source
from pipeline.deploy.live import LiveState, drift
from pipeline.deploy.manifest import Release
from render.diff import FieldChange, compare, normalize
from render.model import IMAGES


@dataclass(frozen=True)
class MovedSource:
    """A source with new commits; `before` and `after` are commit ids, and `before` is empty at first."""

    source: Source
    before: str
    after: str
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class RootChange:
    """One resource that Terraform would change; `how` as in ResourceChange."""

    root: str
    address: str
    how: str
    attributes: tuple[str, ...] = ()
    loss: str = ""
    """What would be lost with it and cannot be made again; `tandem apply` then needs --allow-replace."""

    def lines(self) -> list[str]:
        """The change for people."""
        title = f"{self.root}: {self.address} ({self.how})"
        loss = [f"    loses {self.loss}"] if self.loss else []
        return [title, *loss, *(f"    {line}" for line in self.attributes)]


@dataclass(frozen=True)
class ReleasePlan:
    """All changes that a release would make now.

    `fields` compares the current release with the next, `by_hand` the current release with what runs in AWS;
    `terraform` is Terraform's plan of both roots, with the current images: what moved is not built yet.
    """

    moved: tuple[MovedSource, ...]
    fields: tuple[FieldChange, ...]
    by_hand: tuple[FieldChange, ...]
    terraform: tuple[RootChange, ...]
    builds: tuple[str, ...] = ()
    """The images that would be built."""
    replaced_tasks: int = 0
    """The tasks that a new task definition would replace."""
    notes: tuple[str, ...] = ()
    """Why the release root is not planned, and a command that helps."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.moved or self.builds or self.fields or self.by_hand or self.terraform)

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON values."""
        return {"changes": not self.is_empty, **asdict(self)}

    def lines(self) -> list[str]:
        """The plan for people."""
        if self.is_empty:
            return ["no changes: what runs is what would be released"]
        return [
            *_section("sources that moved", [line for source in self.moved for line in _commits(source)]),
            *_section("images to build", self.builds),
            *self._replaced(),
            *_section("fields that would change", map(str, self.fields)),
            *_section("changed by hand since the release, and undone by the next", map(str, self.by_hand)),
            *_section("Terraform would change", chain.from_iterable(each.lines() for each in self.terraform)),
            *_section("the first release cannot be planned", self.notes),
        ]

    def _replaced(self) -> list[str]:
        if not self.replaced_tasks:
            return []
        return [f"replaces the task definition, and with it {self.replaced_tasks} tasks"]


def replaces_task_definition(layout: Layout, builds: Collection[str], fields: Iterable[FieldChange]) -> bool:
    """Whether tasks would be replaced: for a new image, or for a change of another field."""
    images = set(IMAGES[layout.value].values())
    if layout is Layout.FUSED:
        images |= {"app", "static"}
    return bool(images & set(builds)) or any(change.path.startswith("task_definition") for change in fields)


def moved_sources(
    current: Release | None,
    heads: Mapping[Source, Commit],
    subjects: Callable[[Source, str, str], Sequence[str]],
) -> list[MovedSource]:
    """The sources with another head than the current release.

    `subjects` returns the subjects of the commits between two commit ids of a source.
    """
    moved = []
    for source, head in sorted(heads.items()):
        before = current.commits[source].id if current and source in current.commits else ""
        if before != head.id:
            between = subjects(source, before, head.id) if before else [head.subject]
            moved.append(MovedSource(source, before, head.id, tuple(between)))
    return moved


def changed_fields(before: Release | None, after: Release) -> list[FieldChange]:
    """The fields in which two releases differ, without commits; all fields if there was no release."""
    return compare(_comparable(before) if before else {}, _comparable(after))


def by_hand(current: Release | None, live: LiveState) -> list[FieldChange]:
    """Changes by hand: the differences between the current release and what runs in AWS."""
    return drift(current, live) if current and live.task_definition_arn else []


def _comparable(release: Release) -> dict[str, Any]:
    content = release.content()
    for key in ("commits", "schema", "environment"):
        content.pop(key)
    return {**content, "task_definition": normalize(release.task_definition)}


def _commits(moved: MovedSource) -> list[str]:
    before = moved.before[:10] or "nothing"
    return [
        f"{moved.source}: {before} -> {moved.after[:10]}",
        *(f"    {subject}" for subject in moved.subjects),
    ]


def _section(title: str, lines: Any) -> list[str]:  # noqa: ANN401 - any iterable of lines
    body = [f"  {line}" for line in lines]
    return [f"{title}:", *body] if body else []
