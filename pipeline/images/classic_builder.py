"""Find in a Dockerfile what Docker's classic builder cannot do, which is the one that Tandem builds with.

It refuses some of it with the advice to turn BuildKit on, which has no effect here, and passes over the rest:
of a heredoc nothing runs, and the image is built without it (https://github.com/moby/buildkit/issues/6395).
"""

import re
from collections.abc import Iterator, Sequence

from pipeline.core.errors import TandemError
from pipeline.images.dockerfile import Instruction

_COPY_FLAGS = ("--chmod", "--parents", "--exclude", "--checksum", "--keep-git-dir", "--unpack")
_FLAGS = {"RUN": ("--",), "COPY": _COPY_FLAGS, "ADD": _COPY_FLAGS}
"""Flags by their beginning. `--link` is none of them: without it the image is the same."""
_PLATFORM = re.compile(r"\$\{?((?:BUILD|TARGET)(?:PLATFORM|OS|ARCH))(?![\w:])\}?")
_FLAG = re.compile(r"--[\w-]*", re.ASCII)
_MOST_LINES = 5
_HINTS = {
    "a heredoc": "put the lines of the heredoc into a file of the source, COPY it, and RUN sh FILE",
    "RUN --mount": "COPY what RUN --mount binds, and leave out a cache",
    "COPY --chmod": "set the mode with RUN chmod, or in git with `git update-index --chmod=+x FILE`",
    "FROM --platform": "add the line ARG {name} above the first FROM",
}


def require_classic(instructions: Sequence[Instruction], where: str) -> None:
    """Refuse what only BuildKit can build; `where` names the Dockerfile and its commit.

    Raises:
        TandemError: The Dockerfile needs BuildKit; the message has each line.
    """
    features = [*_buildkit_only(instructions)]
    if not features:
        return
    lines = [f"line {line} has {what}" for line, what, _ in features[:_MOST_LINES]]
    lines += [f"{len(features) - len(lines)} more"] if features[_MOST_LINES:] else []
    hints = dict.fromkeys(hint for _, _, hint in features[:_MOST_LINES])
    raise TandemError(
        f"{where} needs BuildKit: {', '.join(lines)}; Tandem builds with Docker's classic builder",
        hint="; ".join(hints),
    )


def _buildkit_only(instructions: Sequence[Instruction]) -> Iterator[tuple[int, str, str]]:
    """The line, what is there, and what to write in its place."""
    declared_names = {name for name, _ in _arguments(_before_from(instructions))}
    for item in instructions:
        if item.has_heredoc:
            yield item.line, "a heredoc", _HINTS["a heredoc"]
        for flag in item.flags:
            what = f"{item.name} {_FLAG.findall(flag)[0]}"
            if flag.startswith(_FLAGS.get(item.name, ())):
                yield item.line, what, _HINTS.get(what, f"write it without {what}")
            missing = _PLATFORM.search(flag) if what == "FROM --platform" else None
            if missing and missing[1] not in declared_names:
                yield item.line, f"{what}={missing[0]} without ARG", _HINTS[what].format(name=missing[1])


def platform_arguments(instructions: Sequence[Instruction], architecture: str) -> dict[str, str]:
    """Values for what the Dockerfile declares of the build arguments that BuildKit would set by itself.

    `architecture` is such as amd64. The classic builder builds all stages for the image's own processor.
    """
    values = {"PLATFORM": f"linux/{architecture}", "OS": "linux", "ARCH": architecture}
    arguments = {f"{of}{what}": value for of in ("BUILD", "TARGET") for what, value in values.items()}
    declared_names = (name for name, has_value in _arguments(instructions) if not has_value)
    return {name: arguments[name] for name in declared_names if name in arguments}


def _before_from(instructions: Sequence[Instruction]) -> Sequence[Instruction]:
    names = [item.name for item in instructions]
    return instructions[: names.index("FROM")] if "FROM" in names else instructions


def _arguments(instructions: Sequence[Instruction]) -> Iterator[tuple[str, bool]]:
    """The names that ARG declares, and whether each has a value."""
    for item in instructions:
        if item.name == "ARG":
            for word in item.text.split():
                name, equals, _ = word.partition("=")
                yield name, bool(equals)
