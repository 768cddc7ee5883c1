"""The checks in the .tf files and the failures that their tests expect, read as text."""

import re
from collections import Counter
from pathlib import Path

from pipeline.core.paths import TERRAFORM

FOLDERS = sorted([*(TERRAFORM / "modules").iterdir(), TERRAFORM / "platform", TERRAFORM / "release"])
_BLOCK = re.compile(r"^(variable|resource|data) \"(\w+)\"(?: \"(\w+)\")?", re.MULTILINE)
_CHECK = re.compile(r"^ +(?:validation|precondition|postcondition) \{", re.MULTILINE)
_RUN = re.compile(r"^run \"(\w+)\" \{(.*?)^\}", re.MULTILINE | re.DOTALL)
_EXPECTED = re.compile(r"expect_failures = \[(.*?)\]", re.DOTALL)


def checks(folder: Path) -> Counter[str]:
    """The number of validations and conditions of each variable or resource, by address."""
    counts: Counter[str] = Counter()
    for file in folder.glob("*.tf"):
        text = file.read_text(encoding="utf-8")
        blocks = [*_BLOCK.finditer(text)]
        ends = [*(block.start() for block in blocks[1:]), len(text)]
        for block, end in zip(blocks, ends, strict=False):
            if count := len(_CHECK.findall(text[block.end() : end])):
                counts[_address(block)] += count
    return counts


def _address(block: re.Match[str]) -> str:
    kind, first, second = block.groups()
    return {"variable": f"var.{first}", "resource": f"{first}.{second}", "data": f"data.{first}.{second}"}[
        kind
    ]


def expected_failures(folder: Path) -> Counter[str]:
    """The number of runs that expect each variable or resource to fail, by address."""
    counts: Counter[str] = Counter()
    for file in folder.glob("tests/*.tftest.hcl"):
        for _, body in _RUN.findall(file.read_text(encoding="utf-8")):
            expected = _EXPECTED.search(body)
            counts.update(
                part.strip() for part in expected[1].split(",") if part.strip()
            ) if expected else None
    return counts


def check_places(folder: Path) -> set[tuple[str, int]]:
    """File and line of every validation and condition; `condition` is on the next line."""
    return {
        (file.name, file.read_text(encoding="utf-8")[: check.start()].count("\n") + 1)
        for file in folder.glob("*.tf")
        for check in _CHECK.finditer(file.read_text(encoding="utf-8"))
    }


def refusing_runs(folder: Path) -> list[str]:
    """Each run that expects failures, as the text of a test file that expects none."""
    texts = []
    for file in sorted(folder.glob("tests/*.tftest.hcl")):
        text = file.read_text(encoding="utf-8")
        header = text.partition('\nrun "')[0]
        texts += [
            f"{header}\n\n{_EXPECTED.sub('', run[0])}\n"
            for run in _RUN.finditer(text)
            if _EXPECTED.search(run[0])
        ]
    return texts
