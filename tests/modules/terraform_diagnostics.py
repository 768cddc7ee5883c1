"""The diagnostics that `terraform test` reports, as values."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.paths import TERRAFORM


@dataclass(frozen=True)
class TerraformDiagnostic:
    """A diagnostic: the test file that it failed, its text, and the place of the violated check."""

    test: str
    text: str
    file: str
    line: int


def diagnostics(
    folder: Path, tests: Mapping[str, str], provider: Mapping[str, str], work: Path
) -> list[TerraformDiagnostic]:
    """The diagnostics of all `tests` (texts by name), run in a copy of the folder in `work`."""
    copied = shutil.copytree(TERRAFORM, work / "terraform") / folder.relative_to(TERRAFORM)
    for file in (copied / "tests").glob("*.tftest.hcl"):
        file.unlink()
    # Terraform skips the runs after a failed one, but only in the same file.
    for name, text in tests.items():
        (copied / "tests" / f"{name}.tftest.hcl").write_text(text)
    env = {**provider, "TF_DATA_DIR": str(work / "data")}
    quiet = {"cwd": copied, "env": env, "text": True, "capture_output": True}
    subprocess.run(["terraform", "init", "-backend=false"], check=True, **quiet)
    output = subprocess.run(["terraform", "test", "-json"], check=False, **quiet).stdout
    return [
        _diagnostic(Path(line["@testfile"]).name.partition(".")[0], line["diagnostic"])
        for line in map(json.loads, output.splitlines())
        if "diagnostic" in line and "@testfile" in line
    ]


def _diagnostic(test: str, diagnostic: dict) -> TerraformDiagnostic:
    place = diagnostic.get("range", {"filename": "", "start": {"line": 0}})
    text = " ".join(diagnostic["detail"].split())
    return TerraformDiagnostic(test, text, place["filename"], place["start"]["line"])
