"""Plans by name: the whole comparison, a look of a minute, and the article's sizes beside its figures."""

import secrets
from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter, ValidationError

from pipeline.compare.build_plan import OWN, Plan
from pipeline.compare.measurement import Variant
from pipeline.compare.scenarios import OF_UP, Scenario
from pipeline.core.errors import TandemError
from pipeline.core.setting_types import ByteCount

ARTICLE_SECONDS: Mapping[str, float] = {"150 MB": 8.73, "750 MB": 44.66, "2.25 GB": 147.53}
"""Seconds that the article reports for one build of the bloated image, by size; on its author's machine."""
_MINUTE = 60.0
_LARGEST = 100 * 10**9


def default(seed: int) -> Plan:
    """Every variant and scenario on 150 MB, within half an hour."""
    return Plan(
        sizes=parse_sizes(["150 MB"]),
        variants=tuple(Variant),
        scenarios=tuple(Scenario),
        least=5,
        most=20,
        precision=0.05,
        budget=30 * _MINUTE,
        seed=seed,
    )


def quick(seed: int) -> Plan:
    """A look of about a minute: too few builds for more than an impression."""
    return Plan(
        sizes=parse_sizes(["20 MB"]),
        variants=(Variant.MONOLITH, Variant.SPLIT_LAYERS),
        scenarios=OF_UP,
        least=2,
        most=3,
        precision=0.05,
        budget=_MINUTE,
        seed=seed,
        preset="quick",
    )


def article(seed: int) -> Plan:
    """The article's three sizes, within an hour and a half."""
    return Plan(
        sizes=parse_sizes(list(ARTICLE_SECONDS)),
        variants=(Variant.MONOLITH, Variant.SPLIT_LAYERS),
        scenarios=OF_UP,
        least=5,
        most=10,
        precision=0.05,
        budget=90 * _MINUTE,
        seed=seed,
        preset="article",
    )


PRESETS = {"default": default, "quick": quick, "article": article}


def preset(name: str) -> Plan:
    """The plan of that name, with a random order.

    Raises:
        TandemError: there is no such preset.
    """
    if name not in PRESETS:
        raise TandemError(
            f"there is no preset {name!r}: there are {', '.join(PRESETS)}",
            hint="tandem compare builds --preset article",
        )
    return PRESETS[name](secrets.randbelow(1_000_000))


def parse_sizes(texts: Sequence[str], command: str = "tandem compare builds") -> tuple[tuple[str, int], ...]:
    """Labels and bytes of sizes such as 150 MB, the smallest first; `own` is the sources' own content.

    `command` is what the hint of an error repeats.

    Raises:
        TandemError: a text is no size, or there are two of one size.
    """
    sizes = sorted(((text, _bytes(text, command)) for text in texts), key=lambda size: size[1])
    if len({count for _, count in sizes}) < len(sizes):
        raise TandemError(f"a size is named twice: {', '.join(texts)}", hint="name each size once")
    return tuple(sizes)


def _bytes(text: str, command: str) -> int:
    if text == OWN:
        return 0
    try:
        count: int = TypeAdapter(ByteCount).validate_python(text)
    except ValidationError:
        count = 0
    if not 0 < count <= _LARGEST:
        raise TandemError(
            f"{text!r} is no size of content: it is a number with a unit, up to 100 GB, or `own`",
            hint=f'{command} --size "150 MB"',
        )
    return count
