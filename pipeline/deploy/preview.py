"""The preview verb: build chosen commits and compare them with what runs, without releasing them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pipeline.core import timeline
from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.deploy.changes import MovedSource, changed_fields, moved_sources
from pipeline.deploy.release import compose_release
from pipeline.deploy.selection import wanted_commits
from pipeline.deploy.session import Session
from pipeline.git import sources
from render.diff import FieldChange

_LINKED = re.compile(r"@|#|[a-z]:(?=//)|www(?=\.)|GH(?=-)", re.IGNORECASE)
"""A service makes a mention or a link of each of these with what follows."""


@dataclass(frozen=True)
class Preview:
    """What a release of these commits would change; nothing was released.

    `images` has each image by name: the digest of the current release, and its own. `problem` says why it
    could not be released; empty if every check passed. `built` are its images, for `serve_preview`.
    """

    environment: str
    current: int | None
    moved: tuple[MovedSource, ...]
    images: Mapping[str, tuple[str, str]]
    fields: tuple[FieldChange, ...] = ()
    problem: str = ""
    built: Mapping[str, ImageRef] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The preview as JSON values."""
        return {name: value for name, value in asdict(self).items() if name != "built"}

    def markdown(self) -> str:
        """The preview as the comment of a pull request."""
        runs = f"release {self.current}" if self.current else "nothing"
        title = f"### Preview for {self.environment}, where {runs} runs"
        verdict = (
            f"**It cannot be released:** {_cell(self.problem)}" if self.problem else "Every check passes."
        )
        return "\n\n".join([title, verdict, *self._commits(), *self._images(), *self._fields()])

    def _commits(self) -> list[str]:
        lines = [
            f"- {item.source} {item.before[:10] or 'nothing'} → {item.after[:10]}: "
            + _cell("; ".join(item.subjects))
            for item in self.moved
        ]
        return ["\n".join(lines)] if lines else ["No commit differs from what runs."]

    def _images(self) -> list[str]:
        rows = [
            f"| {name} | {before[:12] or 'none'} | {'the same' if before == after else after[:12]} |"
            for name, (before, after) in sorted(self.images.items())
        ]
        return ["\n".join(["| image | runs | preview |", "|---|---|---|", *rows])] if rows else []

    def _fields(self) -> list[str]:
        lines = [f"- {_cell(str(change))}" for change in self.fields]
        return ["Fields that would change:\n\n" + "\n".join(lines)] if lines else []


def preview(session: Session, overrides: Mapping[Source, Commit]) -> Preview:
    """Build the heads, but of some sources the commits `overrides`; compare and check them.

    Images are pushed, as a release would do: the release after a merge finds them. No lock is taken.

    Raises:
        TandemError: a source or AWS cannot be read.
    """
    current = session.store.current()
    commits = {**wanted_commits(session), **overrides}
    running = current.images if current else {}
    moved = moved_sources(
        current, commits, lambda *between: sources.changed_subjects(session.project, *between)
    )
    with timeline.recording(why="tandem preview"):
        results = session.images().try_images(commits, running)
    images = {name: image for name, image in results.items() if isinstance(image, ImageRef)}
    digests = {name: (_digest(running.get(name)), image.digest.short) for name, image in images.items()}
    outcome = Preview(session.environment, current.number if current else None, tuple(moved), digests)
    unfit = session.unmet(commits[Source.APP], commits[Source.STATIC])
    failed = [error.message for error in results.values() if isinstance(error, TandemError)]
    if failed or unfit:
        outcome = replace(outcome, problem="; ".join([*failed, *([unfit] if unfit else [])]))
        return outcome if failed else replace(outcome, built=session.images().with_site(images))
    return _checked(session, replace(outcome, built=session.images().with_site(images)), commits)


def _checked(session: Session, outcome: Preview, commits: Mapping[Source, Commit]) -> Preview:
    try:
        candidate = compose_release(session, commits, outcome.built, "a preview")
        session.preflight.require(candidate, session.project.settings)
    except TandemError as error:
        return replace(outcome, problem=error.message)
    return replace(outcome, fields=tuple(changed_fields(session.store.current(), candidate)))


def serve_preview(
    session: Session, outcome: Preview, port: int, seconds: float | None, ready: Callable[[str], None]
) -> None:
    """Serve the preview's images on this machine, for `seconds` or until Ctrl-C; the stack is not touched.

    Raises:
        TandemError: an image was not built, or does not run; another preview is served, or the port is taken.
    """
    from pipeline.local.dev.image_site import serve_images  # noqa: PLC0415 - only --serve needs an HTTP server

    if not outcome.built:
        raise TandemError(
            "there is nothing to serve: not every image was built", hint="see the problem above"
        )
    serve_images(session.project, outcome.built, port, seconds, ready)


def seconds_of(text: str) -> float:
    """The seconds of a span such as 90s, 10m, 2h or 1d; TandemError if it is none."""
    span = re.fullmatch(r"(\d{1,5}) ?([smhd])", text.strip())
    if not span:
        raise TandemError(f"--for {text!r} is no span: it takes 90s, 10m, 2h or 1d", hint="--for 10m")
    return float(span[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[span[2]]


def _digest(image: ImageRef | None) -> str:
    return image.digest.short if image else ""


def _cell(text: str) -> str:
    """Text of a commit or an error inside Markdown: one line without a link, tag, mention or table."""
    escaped = "".join(f"\\{letter}" if letter in "\\`*_[]<>|#!" else letter for letter in text)
    return " ".join(_LINKED.sub("\\g<0>\u200b", escaped).split())
