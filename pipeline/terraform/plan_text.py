"""Read what `terraform plan` prints: each resource that changes, how, and its attributes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CHANGE = re.compile(
    r"^\s*# (?P<address>\S+)(?: \([^)]*\))? (?:is tainted, so (?:it )?)?(?:will|must) be "
    r"(?P<how>created|updated in-place|replaced|destroyed|read)",
    re.MULTILINE,
)
_BLOCK_END = "    }"
_UNCHANGED = re.compile(r"^\s*# \(\d+ unchanged .* hidden\)$")
_LATER = re.compile(r"^\s*\+ .*\(known after apply\)$")


@dataclass(frozen=True)
class ResourceChange:
    """One resource of a plan; `how` is `created`, `updated in-place`, `replaced` or `destroyed`."""

    address: str
    how: str
    attributes: tuple[str, ...] = ()
    """Terraform's lines about it, without attributes that do not change, and values only AWS knows."""


@dataclass(frozen=True)
class TerraformPlan:
    """The changes that a plan shows or an apply made; `text` is Terraform's output.

    `changes` is true if a resource or an output changes. Data sources that are read are no changes.
    """

    changes: bool
    text: str
    resources: tuple[ResourceChange, ...]

    @property
    def keeps_addresses(self) -> bool:
        """Whether the state has the same addresses before and after."""
        hows = {change.how for change in self.resources}
        return hows <= {"updated in-place", "replaced"} and "has moved to" not in self.text

    @classmethod
    def parse(cls, text: str) -> "TerraformPlan":
        """Parse the output of `plan`, `apply` or `destroy`."""
        resources = tuple(change for change in _changes(text) if change.how != "read")
        outputs = "Changes to Outputs:" in text
        return cls(bool(resources) or outputs, text, resources)


def _changes(text: str) -> Iterator[ResourceChange]:
    matches = list(_CHANGE.finditer(text))
    ends = [*(match.start() for match in matches[1:]), len(text)]
    for match, end in zip(matches, ends, strict=False):
        lines = text[match.end() : end].splitlines()[1:]
        yield ResourceChange(match["address"], match["how"], tuple(_attributes(lines)))


def _attributes(lines: list[str]) -> Iterator[str]:
    """The lines of a resource's block that say something; the block's first and last line do not."""
    if _BLOCK_END not in lines:
        return
    for line in lines[: lines.index(_BLOCK_END)]:
        is_frame = not line.strip() or line.lstrip("~+-/<= ").startswith(("resource ", "data "))
        if not (is_frame or _UNCHANGED.match(line) or _LATER.match(line)):
            yield line.removeprefix("    ")
