"""The terraform program of this machine, and the environment that it runs in."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.core.private_files import private_folder

_OLDEST = (1, 10)


def binary() -> str:
    """The path of the terraform program; TandemError if it is not on PATH."""
    path = shutil.which("terraform")
    if not path:
        raise missing_program()
    return path


def missing_program() -> TandemError:
    """The error to raise if terraform is not on PATH."""
    return TandemError(
        "terraform is not on PATH",
        hint="install Terraform 1.10 or newer: https://developer.hashicorp.com/terraform/install",
    )


def require() -> None:
    """TandemError if Terraform is missing or too old for state locks in S3."""
    process = subprocess.run(
        [binary(), "version", "-json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"},
    )
    version = json.loads(process.stdout)["terraform_version"] if process.returncode == 0 else "0.0"
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        raise TandemError(
            f"terraform {version} is too old: state locks in S3 came with 1.10",
            hint="install Terraform 1.10 or newer: https://developer.hashicorp.com/terraform/install",
        )


def environ(data_dir: Path) -> dict[str, str]:
    """Variables for terraform: its data folder, Tandem's CLI configuration, and no prompts."""
    return {
        "TF_DATA_DIR": str(data_dir.resolve()),
        "TF_CLI_CONFIG_FILE": str(_cli_config(data_dir)),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        # Schemas of the AWS provider are most of the memory. With Go's default of 100 an apply takes a sixth
        # more CPU time and 30 MB less.
        "GOGC": os.environ.get("GOGC", "200"),
    }


def _cli_config(data_dir: Path) -> Path:
    """Tandem's CLI configuration: the provider mirror of this machine, if it has one."""
    file = (data_dir / "cli.tfrc").resolve()
    text = _mirror_config(mirror()) if mirror() else ""
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        private_folder(file.parent)
        file.write_text(text, encoding="utf-8")
    return file


def mirror() -> Path | None:
    """The folder with `<registry host>/<namespace>/<provider>/…`; None if this machine has none."""
    setting = os.environ.get("TANDEM_PROVIDER_MIRROR")
    implied = [Path.home() / ".terraform.d/plugins", Path("/usr/local/share/terraform/plugins")]
    installed = [path.parent for path in sorted(Path("/opt").glob("*/registry.terraform.io"))]
    candidates = [Path(setting)] if setting else [*implied, *installed]
    return next((path for path in candidates if _providers(path)), None)


def _providers(folder: Path) -> list[str]:
    return sorted("/".join(path.parts[-3:]) for path in folder.glob("*.*/*/*") if path.is_dir())


def _mirror_config(folder: Path | None) -> str:
    providers = json.dumps(_providers(folder)) if folder else "[]"
    return (
        "provider_installation {\n"
        f"  filesystem_mirror {{\n    path    = {json.dumps(str(folder))}\n    include = {providers}\n  }}\n"
        f"  direct {{\n    exclude = {providers}\n  }}\n"
        "}\n"
    )
