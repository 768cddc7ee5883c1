"""Follow a Dockerfile without building it: which files of the context its last stage holds, and what starts.

Whatever cannot be followed for sure (a command that may make files, an unknown variable) ends it.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pipeline.images.dockerfile import Instruction
from pipeline.images.instruction_words import UncertainError, defaults_of, expand, split_words

_AWS = re.compile(r"(public\.ecr\.aws/lambda|amazon/aws-lambda-)[-/]?python(:|@|$)")
_PYTHON = re.compile(r"((docker\.io/)?library/|public\.ecr\.aws/docker/library/)?python(:|@|$)")
_ARCHIVE = re.compile(r"\w+://|git@|.*\.(tar|tgz|gz|bz2|xz|zst)$")
_INSTALLS = re.compile(
    r"(python[\d.]* -m )?(pip[\d.]*|uv (pip|sync)|apt-get|apt|dnf|yum|microdnf|apk) "
    r"|python[\d.]* -m (compileall|venv) "
)
_HARMLESS = re.compile(
    r"(mkdir|chmod|chown|useradd|adduser|groupadd|addgroup|set|true|ldconfig"
    r"|rm -\w+ /(var/(lib|cache)|root|tmp))\b"
)
_MOST_INSTRUCTIONS, _MOST_LOOKS = 300, 50_000
"""A commit must not keep the machine busy: looks at files are counted for all of COPY."""
_Name = TypeVar("_Name")
_TOP, _TASK_ROOT = PurePosixPath("/"), "/var/task"


@dataclass
class ImageFiles:
    """What is known of an image after its instructions."""

    context: Path
    context_files: Collection[str]
    """The files of the context that Docker gets."""
    variables: dict[str, str]
    workdir: PurePosixPath = _TOP
    is_aws: bool = False
    """Whether its base is AWS's for Lambda, which starts the handler by itself."""
    files: dict[PurePosixPath, Path] = field(default_factory=dict)
    """Files by their place in the image."""
    elsewhere: list[PurePosixPath] = field(default_factory=list)
    """Places that other images are copied to."""
    installs: bool = False
    """Whether packages may bring more modules."""
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    looks: int = 0

    def look_at(self, names: Collection[_Name]) -> Collection[_Name]:
        """The same names, if so many may still be looked at."""
        self.looks += len(names)
        if self.looks > _MOST_LOOKS:
            raise UncertainError
        return names

    def python_files(self, folder: PurePosixPath) -> Iterator[tuple[PurePosixPath, Path]]:
        """The Python files below `folder`, by their place below it."""
        for place, file in self.files.items():
            if place.suffix == ".py" and place.is_relative_to(folder):
                yield place.relative_to(folder), file


def follow(
    instructions: Sequence[Instruction],
    context: Path,
    context_files: Collection[str],
    arguments: Mapping[str, str],
) -> ImageFiles:
    """The image of the last stage, built from `context` with the build `arguments`.

    Raises:
        UncertainError: It cannot be known without building it.
    """
    if len(instructions) > _MOST_INSTRUCTIONS:
        raise UncertainError
    stages = _stages(instructions)
    global_arguments = {**defaults_of(stages[0]), **arguments}
    image = ImageFiles(context, context_files, {})
    for item in _chain(stages[1:], global_arguments):
        if item.name == "FROM":
            base = expand(item.text.split()[0], global_arguments)
            _begin(image, base, is_known=base == arguments.get("BASE"))
        else:
            _apply(image, item, arguments)
    return image


def _stages(instructions: Sequence[Instruction]) -> list[list[Instruction]]:
    """What is above the first FROM, and each stage with its FROM."""
    stages: list[list[Instruction]] = [[]]
    for item in instructions:
        if item.name == "FROM":
            stages.append([])
        stages[-1].append(item)
    return stages


def _chain(stages: Sequence[list[Instruction]], global_arguments: Mapping[str, str]) -> list[Instruction]:
    """The instructions of the last stage, behind those of the stages that it begins from."""
    if not stages or not stages[-1][0].text:
        raise UncertainError
    base = expand(stages[-1][0].text.split()[0], global_arguments).lower()
    for number, stage in enumerate(stages[:-1]):
        words = stage[0].text.lower().split()
        if len(words) > 2 and words[2] == base:  # noqa: PLR2004 - FROM image AS name
            return [*_chain(stages[: number + 1], global_arguments), *stages[-1][1:]]
    return stages[-1]


def _begin(image: ImageFiles, base: str, *, is_known: bool) -> None:
    image.is_aws = bool(_AWS.match(base))
    if image.is_aws:
        image.workdir = PurePosixPath(_TASK_ROOT)
        image.variables["LAMBDA_TASK_ROOT"] = _TASK_ROOT
    elif not is_known and not _PYTHON.match(base):
        raise UncertainError


def _apply(image: ImageFiles, item: Instruction, arguments: Mapping[str, str]) -> None:
    match item.name:
        case "WORKDIR":
            image.workdir /= expand(item.text.strip("\"'"), image.variables)
        case "ARG":
            argument_values = {**defaults_of([item]), **arguments}
            names = [word.partition("=")[0] for word in item.text.split()]
            image.variables |= {name: argument_values[name] for name in names if name in argument_values}
        case "ENV":
            _set_environment(image, item.text)
        case "RUN":
            _run(image, item)
        case "COPY" | "ADD":
            _copy(image, item)
        case "CMD":
            image.command = item.words or _no_words(item)
        case "ENTRYPOINT":
            image.entrypoint, image.command = item.words or _no_words(item), []
        case _:
            pass


def _no_words(item: Instruction) -> list[str]:
    return ["sh", "-c", item.text]


def _run(image: ImageFiles, item: Instruction) -> None:
    text = " ".join(item.words or [item.text])
    if re.search(r"[<>`|]|\$\(", text):
        raise UncertainError
    for command in re.split(r"&&|;|\n", text):
        if _INSTALLS.match(f"{command.strip()} "):
            image.installs = True
        elif command.strip() and not _HARMLESS.match(command.strip()):
            raise UncertainError


def _copy(image: ImageFiles, item: Instruction) -> None:
    words = [expand(word, image.variables) for word in item.words or split_words(item.text)]
    if len(words) < 2:  # noqa: PLR2004 - a source and a destination
        raise UncertainError
    *sources, into = words
    place = image.workdir / into
    if any(flag.startswith("--from=") for flag in item.flags):
        image.elsewhere.append(place)
        return
    if item.name == "ADD" and any(map(_ARCHIVE.match, sources)):
        raise UncertainError
    paths = [path for source in sources for path in _matches(image, source)]
    is_folder = into.endswith("/") or place == image.workdir or len(paths) > 1 or _is_known(image, place)
    for path in paths:
        if path.is_dir():
            image.files |= {place / file.relative_to(path): file for file in _sent_below(image, path)}
        elif is_folder or place.suffix:
            image.files[place / path.name if is_folder else place] = path
        else:
            raise UncertainError  # a file of this name, or a file in a folder that a command made


def _matches(image: ImageFiles, source: str) -> list[Path]:
    pattern = str(PurePosixPath("/", source).relative_to("/"))
    if ".." in PurePosixPath(pattern).parts or "[" in pattern or "\\" in pattern:
        raise UncertainError
    if pattern == "." or not any(special in pattern for special in "*?"):
        names: Collection[str] = [pattern]
    else:
        names = sorted(name for name in image.look_at(image.context_files) if _takes(pattern, name))
    paths = [path for name in names if (path := image.context / name).is_dir() or name in image.context_files]
    if not paths:
        raise UncertainError  # the build will say so
    return paths


def _takes(pattern: str, name: str) -> bool:
    """Whether Docker's COPY takes the name: a wildcard stays within one part of it."""
    patterns, parts = pattern.split("/"), name.split("/")
    return len(patterns) == len(parts) and all(map(fnmatchcase, parts, patterns))


def _sent_below(image: ImageFiles, folder: Path) -> Iterator[Path]:
    above = "" if folder == image.context else f"{folder.relative_to(image.context)}/"
    for name in image.look_at(image.context_files):
        file = image.context / name
        if name.startswith(above) and file.is_file() and not file.is_symlink():
            yield file


def _is_known(image: ImageFiles, place: PurePosixPath) -> bool:
    return any(file.is_relative_to(place) and file != place for file in image.look_at(image.files))


def _set_environment(image: ImageFiles, text: str) -> None:
    """Set the variables of ENV, in its form with = and in the old one without."""
    name, _, rest = text.partition(" ")
    pairs = [(name, "=", rest)] if "=" not in name else [word.partition("=") for word in split_words(text)]
    before = dict(image.variables)
    for key, _, value in pairs:
        try:
            image.variables[key] = expand(value, before)
        except UncertainError:  # such as a PATH that goes on with the base's
            image.variables.pop(key, None)
