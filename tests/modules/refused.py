"""What `terraform test` complains about, read as values."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.paths import TERRAFORM


@dataclass(frozen=True)
class Complaint:
    """A diagnostic: the test file whose run it ended, its words, and the place of what was broken."""

    test: str
    text: str
    file: str
    line: int


def complaints(
    folder: Path, tests: Mapping[str, str], provider: Mapping[str, str], work: Path
) -> list[Complaint]:
    """Those of all `tests`, texts by name, run instead of the folder's own; in a copy, in `work`."""
    copied = shutil.copytree(TERRAFORM, work / "terraform") / folder.relative_to(TERRAFORM)
    for file in (copied / "tests").glob("*.tftest.hcl"):
        file.unlink()
    # Terraform skips what comes after a run that failed, but only in the same file.
    for name, text in tests.items():
        (copied / "tests" / f"{name}.tftest.hcl").write_text(text)
    env = {**provider, "TF_DATA_DIR": str(work / "data")}
    quiet = {"cwd": copied, "env": env, "text": True, "capture_output": True}
    subprocess.run(["terraform", "init", "-backend=false"], check=True, **quiet)
    said = subprocess.run(["terraform", "test", "-json"], check=False, **quiet).stdout
    return [
        _complaint(Path(line["@testfile"]).name.partition(".")[0], line["diagnostic"])
        for line in map(json.loads, said.splitlines())
        if "diagnostic" in line and "@testfile" in line
    ]


def _complaint(test: str, diagnostic: dict) -> Complaint:
    place = diagnostic.get("range", {"filename": "", "start": {"line": 0}})
    text = " ".join(diagnostic["detail"].split())
    return Complaint(test, text, place["filename"], place["start"]["line"])
