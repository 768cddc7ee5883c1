"""Find the stage of a Dockerfile that is built, which settings choose as `docker build --target` does."""

from collections.abc import Sequence
from difflib import get_close_matches
from itertools import pairwise

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.git.printable_text import printable
from pipeline.images.dockerfile import Instruction

_MOST_NAMES, _LONGEST_NAME = 10, 40
_WITH_NAME = 3  # words: IMAGE AS NAME


def up_to_stage(
    instructions: Sequence[Instruction], target: str, where: str, source: Source
) -> tuple[Instruction, ...]:
    """The instructions that Docker runs for the stage `target`: those of the stages above it, too.

    Without a target they are all. Docker ignores case, and takes the first of two stages with one name.
    `where` names the source and its commit.

    Raises:
        TandemError: The Dockerfile has no such stage; the message has the names of those that it has.
    """
    if not target:
        return tuple(instructions)
    begins = [at for at, item in enumerate(instructions) if item.name == "FROM"]
    names = [stage_name(instructions[at]) for at in begins]
    if target.lower() not in names:
        raise _no_stage([name for name in names if name], target, where, source)
    ends = [*begins[1:], len(instructions)]
    return tuple(instructions[: ends[names.index(target.lower())]])


def of_image(instructions: Sequence[Instruction]) -> list[Instruction]:
    """The instructions of the last stage, and of the stages that it begins from or copies from.

    A stage that only a variable can name may be any of those above; `BASE` is an image of Tandem's.
    """
    begins = [at for at, item in enumerate(instructions) if item.name == "FROM"]
    if not begins:
        return [*instructions]
    stages = [instructions[at:end] for at, end in pairwise([*begins, len(instructions)])]
    numbers = {str(at): at for at in range(len(stages))}
    for at, stage in enumerate(stages):
        numbers.setdefault(stage_name(stage[0]), at)
    needed_stages = {len(stages) - 1}
    for at in reversed(range(len(stages))):
        names = _images_of(stages[at]) if at in needed_stages else set()
        if any("$" in name for name in names):
            needed_stages |= {*range(at)}
            break
        needed_stages |= {above for name in names if (above := numbers.get(name, at)) < at}
    return [item for at in sorted(needed_stages) for item in stages[at]]


def _images_of(stage: Sequence[Instruction]) -> set[str]:
    """The images and stages that `stage` begins from and copies from, in small letters."""
    copy_sources = {flag.lower().partition("--from=")[2] for item in stage for flag in item.flags}
    return {stage[0].text.lower().partition(" ")[0], *copy_sources} - {"", "$base", "${base}"}


def stage_name(instruction: Instruction) -> str:
    """The name that FROM gives to its stage, in small letters as Docker keeps it; empty if it gives none."""
    words = instruction.text.lower().split()
    return words[2] if len(words) == _WITH_NAME and words[1] == "as" else ""


def _no_stage(names: list[str], target: str, where: str, source: Source) -> TandemError:
    stage_names = ", ".join(printable(name, _LONGEST_NAME) for name in names[:_MOST_NAMES])
    more = f" and {len(names) - _MOST_NAMES} more" if names[_MOST_NAMES:] else ""
    what = f"its stages are {stage_names}{more}" if names else "it names no stage"
    return TandemError(
        f"{where} has no stage {target!r} in its Dockerfile: {what}",
        hint=_hint(names, target, source),
    )


def _hint(names: list[str], target: str, source: Source) -> str:
    if not names:
        return f"name a stage in the Dockerfile: FROM IMAGE AS {target}"
    [close] = get_close_matches(target.lower(), names, n=1) or [""]
    if close:
        return f'set target = "{printable(close, _LONGEST_NAME)}" under [sources.{source}] in tandem.toml'
    return f"set target to one of them under [sources.{source}] in tandem.toml, or leave it out"
