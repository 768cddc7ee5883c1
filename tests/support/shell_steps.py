"""Every shell script that this repository runs or hands out: files, steps of workflows, git's hook."""

import re
import subprocess
from pathlib import Path

import yaml

from pipeline.core.paths import ROOT
from pipeline.core.values import Source
from pipeline.triggers.git_hook import script
from tests.support.repositories import project_of

WORKFLOWS = (*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob("examples/ci/github/*.yml"))
GITLAB = (ROOT / "templates" / "release.yml", *ROOT.glob("examples/ci/gitlab/*.yml"))
BUILDSPEC = ROOT / "terraform" / "modules" / "delivery" / "buildspec.yml"
_SHEBANG = re.compile(r"#!.*\b(ba|da)?sh$")
_BLOCK = re.compile(r"^```ya?ml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def script_files() -> list[Path]:
    """The files that begin as a shell script."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [file for file in files if file.is_file() and _SHEBANG.fullmatch(_first_line(file))]


def _first_line(file: Path) -> str:
    with file.open("rb") as content:
        return content.readline(200).decode(errors="replace").rstrip("\n")


def workflows() -> dict[str, dict]:
    """GitHub's workflows by name, those of the docs included."""
    texts = {str(file.relative_to(ROOT)): file.read_text() for file in WORKFLOWS}
    for page in sorted(ROOT.glob("docs/**/*.md")):
        for number, block in enumerate(_BLOCK.findall(page.read_text())):
            texts[f"{page.relative_to(ROOT)} {number}"] = block
    parsed = {name: yaml.safe_load(text) for name, text in texts.items()}
    return {name: each for name, each in parsed.items() if isinstance(each, dict) and "jobs" in each}


def steps() -> dict[str, tuple[str, str]]:
    """The shell and the text of each step, by name."""
    scripts = {
        f"{name} {number}": ("bash", step["run"])
        for name, workflow in workflows().items()
        for job in workflow["jobs"].values()
        for number, step in enumerate(job.get("steps", []))
        if "run" in step
    }
    for file in GITLAB:
        for document in yaml.safe_load_all(file.read_text()):
            for name, job in document.items():
                for part in ("before_script", "script", "after_script"):
                    if isinstance(job, dict) and part in job:
                        scripts[f"{file.name} {name} {part}"] = ("sh", "\n".join(job[part]))
    for phase, values in yaml.safe_load(BUILDSPEC.read_text())["phases"].items():
        scripts[f"buildspec {phase}"] = ("sh", "\n".join(values["commands"]))
    return scripts


def hook() -> str:
    """The hook that `tandem hook install` writes."""
    return script(project_of(ROOT), Source.APP, "prod")
