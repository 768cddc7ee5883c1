"""Write the second half of each Terraform module's README: its inputs and outputs, read from the code.

`python -m pipeline.terraform.module_docs` writes; `--check` only says what is stale, and fails.
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
class Entry:
    """One variable or output."""

    kind: str
    name: str
    description: str
    type: str = ""
    default: str | None = None


def entries(folder: Path) -> list[Entry]:
    """All variables and outputs of a module, by name."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.tf")))
    found = [_entry(*block.groups()) for block in _BLOCK.finditer(text)]
    return sorted(found, key=lambda entry: (entry.kind, entry.default is not None, entry.name))


def _entry(kind: str, name: str, body: str) -> Entry:
    description = _TEXT.search(body)
    words = description[1].replace('\\"', '"') if description else ""
    return Entry(kind, name, words, _field("type", body) or "", _field("default", body))


def _field(name: str, body: str) -> str | None:
    found = re.search(_FIELD.format(name=name), body, re.MULTILINE | re.DOTALL)
    return re.sub(r"\s+", " ", found[1]).strip() if found else None


def generated(folder: Path) -> str:
    """The tables of inputs and outputs, in Markdown."""
    found = entries(folder)
    inputs = [entry for entry in found if entry.kind == "variable"]
    outputs = [entry for entry in found if entry.kind == "output"]
    lines = ["## Inputs", "", "| name | type | default | |", "|---|---|---|---|"]
    lines += [
        f"| `{entry.name}` | `{_cell(entry.type)}` | {_default(entry)} | {_cell(entry.description)} |"
        for entry in inputs
    ]
    lines += ["", "## Outputs", "", "| name | |", "|---|---|"]
    lines += [f"| `{entry.name}` | {_cell(entry.description)} |" for entry in outputs]
    return "\n".join(lines) + "\n"


def _default(entry: Entry) -> str:
    return "required" if entry.default is None else f"`{_cell(entry.default)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def whole(folder: Path) -> str:
    """The README as it should be: what was written by hand, then what is generated."""
    file = folder / "README.md"
    written = (
        file.read_text(encoding="utf-8").split(MARK)[0].rstrip() if file.is_file() else f"# {folder.name}"
    )
    return f"{written}\n\n{MARK}\n\n{generated(folder)}"


def folders() -> list[Path]:
    """The modules and the two roots."""
    return [*sorted((TERRAFORM / "modules").iterdir()), TERRAFORM / "platform", TERRAFORM / "release"]


def stale() -> list[Path]:
    """READMEs that do not say what the code says."""
    files = {folder / "README.md": whole(folder) for folder in folders()}
    return [
        file for file, text in files.items() if not file.is_file() or file.read_text(encoding="utf-8") != text
    ]


def main() -> None:
    """Write the READMEs, or with --check only name those that are stale."""
    found = stale()
    for file in found:
        if "--check" not in sys.argv:
            file.write_text(whole(file.parent), encoding="utf-8")
        print(file.relative_to(ROOT), file=sys.stderr)
    if found and "--check" in sys.argv:
        sys.exit("stale: run python -m pipeline.terraform.module_docs")


if __name__ == "__main__":
    main()
