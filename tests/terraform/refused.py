"""What `terraform test` complains about, read as values."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pipeline import terraform


@dataclass(frozen=True)
class Complaint:
    """A diagnostic: the test file whose run it ended, its words, and the place of what was broken."""

    test: str
    text: str
    file: str
    line: int


def complaints(folder: Path, data: Path) -> list[Complaint]:
    """Those of all runs in the `tests` of `folder`; `data` keeps Terraform's own files."""
    env = {**os.environ, **terraform.environ(data), "AWS_REGION": "eu-central-1"}
    quiet = {"cwd": folder, "env": env, "text": True, "capture_output": True}
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
