"""Write the second half of each Terraform module's README: the tables of its inputs and outputs.

`python -m pipeline.terraform.module_docs` writes the READMEs; `--check` only lists the stale ones, and fails.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.paths import ROOT, TERRAFORM

MARK = "<!-- generated below by python -m pipeline.terraform.module_docs -->"
_BLOCK = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
_TEXT = re.compile(r'^  description = "(.*)"$', re.MULTILINE)
_FIELD = r"^  {name}\s*= (.*?)(?=^  \w+\s*=|^  validation|^\}}|\Z)"


@dataclass(frozen=True)
class ModuleValue:
    """One variable or output of a module."""

    kind: str
    name: str
    description: str
    type: str = ""
    default: str | None = None


def module_values(folder: Path) -> list[ModuleValue]:
    """All variables and outputs of a module, by name."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.tf")))
    values = [_module_value(*block.groups()) for block in _BLOCK.finditer(text)]
    return sorted(values, key=lambda value: (value.kind, value.default is not None, value.name))


def _module_value(kind: str, name: str, body: str) -> ModuleValue:
    description = _TEXT.search(body)
    text = description[1].replace('\\"', '"') if description else ""
    return ModuleValue(kind, name, text, _field("type", body) or "", _field("default", body))


def _field(name: str, body: str) -> str | None:
    match = re.search(_FIELD.format(name=name), body, re.MULTILINE | re.DOTALL)
    return re.sub(r"\s+", " ", match[1]).strip() if match else None


def tables(folder: Path) -> str:
    """The tables of inputs and outputs, in Markdown."""
    values = module_values(folder)
    inputs = [value for value in values if value.kind == "variable"]
    outputs = [value for value in values if value.kind == "output"]
    lines = ["## Inputs", "", "| name | type | default | |", "|---|---|---|---|"]
    lines += [
        f"| `{value.name}` | `{_cell(value.type)}` | {_default(value)} | {_cell(value.description)} |"
        for value in inputs
    ]
    lines += ["", "## Outputs", "", "| name | |", "|---|---|"]
    lines += [f"| `{value.name}` | {_cell(value.description)} |" for value in outputs]
    return "\n".join(lines) + "\n"


def _default(value: ModuleValue) -> str:
    return "required" if value.default is None else f"`{_cell(value.default)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def readme(folder: Path) -> str:
    """The README as it should be: the hand-written half, then the tables."""
    file = folder / "README.md"
    hand_written = (
        file.read_text(encoding="utf-8").split(MARK)[0].rstrip() if file.is_file() else f"# {folder.name}"
    )
    return f"{hand_written}\n\n{MARK}\n\n{tables(folder)}"


def folders() -> list[Path]:
    """The modules and the two roots."""
    return [*sorted((TERRAFORM / "modules").iterdir()), TERRAFORM / "platform", TERRAFORM / "release"]


def stale_readmes() -> list[Path]:
    """The READMEs whose tables differ from the code."""
    files = {folder / "README.md": readme(folder) for folder in folders()}
    return [
        file for file, text in files.items() if not file.is_file() or file.read_text(encoding="utf-8") != text
    ]


def main() -> None:
    """Write the stale READMEs, or only list them with --check."""
    files = stale_readmes()
    for file in files:
        if "--check" not in sys.argv:
            file.write_text(readme(file.parent), encoding="utf-8")
        print(file.relative_to(ROOT), file=sys.stderr)
    if files and "--check" in sys.argv:
        sys.exit("stale: run python -m pipeline.terraform.module_docs")


if __name__ == "__main__":
    main()
