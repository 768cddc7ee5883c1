"""Pin both roots' providers by hash for several platforms: `python -m pipeline.terraform.provider_lock`.

`terraform init` writes a lock file as well, with hashes for this machine only: it trusts what it downloads
first. A lock file for several platforms was made here, and every later init obeys it.
"""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.core.errors import TandemError
from pipeline.core.paths import TERRAFORM
from pipeline.terraform import program
from pipeline.terraform.failures import error_text

NAME = ".terraform.lock.hcl"
ROOTS = ("platform", "release")
PLATFORMS = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64")
_HASH = re.compile(r'"h1:[^"]+"')
"""A hash of a provider's package as it was unpacked: one for each platform."""


def platforms(root: Path) -> int:
    """For how many platforms the lock file in `root` has hashes; 0 without one."""
    return len(_HASH.findall(_text(root)))


def pinned(root: Path) -> str:
    """The text of the lock file in `root` if it is for several platforms: `init` must not change it then."""
    return _text(root) if platforms(root) > 1 else ""


def _text(root: Path) -> str:
    try:
        return (root / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def lock(root: Path, names: Sequence[str] = PLATFORMS) -> None:
    """Write the lock file in `root` for the platforms `names`.

    Terraform asks the providers' own registry, whatever mirror this machine has, unless
    TANDEM_PROVIDER_MIRROR names one.

    Raises:
        TandemError: terraform is missing, or the registry does not answer for each platform.
    """
    mirror = os.environ.get("TANDEM_PROVIDER_MIRROR")
    source = [f"-fs-mirror={Path(mirror).resolve()}"] if mirror else []
    with TemporaryDirectory(prefix="tandem-") as folder:
        _run(root, Path(folder), "get")
        _run(root, Path(folder), "providers", "lock", *source, *(f"-platform={name}" for name in names))


def _run(root: Path, data_dir: Path, *arguments: str) -> None:
    command = [program.binary(), *arguments]
    env = {**os.environ, **program.environ(data_dir), "TF_CLI_ARGS": "-no-color"}
    process = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    if process.returncode:
        reason = error_text(process.stderr or process.stdout)
        raise TandemError(
            f"cannot lock the providers of terraform/{root.name}: {reason}",
            hint="run it where Terraform's registry answers, or set TANDEM_PROVIDER_MIRROR to a full mirror",
        )


def main() -> int:
    """Lock both roots; 1 if that fails."""
    for name in ROOTS:
        try:
            lock(TERRAFORM / name)
        except TandemError as error:
            print(f"error: {error.message}\nhint:  {error.hint}", file=sys.stderr)
            return 1
        print(f"terraform/{name}/{NAME}: {platforms(TERRAFORM / name)} platforms")
    print(f"next: git add --force {' '.join(f'terraform/{name}/{NAME}' for name in ROOTS)} && git commit")
    return 0


if __name__ == "__main__":
    sys.exit(main())
