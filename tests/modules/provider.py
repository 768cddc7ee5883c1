"""One AWS provider for many `terraform test`s, which otherwise start one for each run.

The provider runs in its debugging mode, and an environment variable gives Terraform its address:
https://developer.hashicorp.com/terraform/plugin/debugging. Seven runs take 2.3 s instead of 8.5 s.
"""

import os
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.core.paths import TERRAFORM
from pipeline.terraform import program
from tests.support.waiting import until

_VARIABLE = "TF_REATTACH_PROVIDERS"
_PATIENCE = 120.0  # seconds until it listens


@contextmanager
def shared_provider(work: Path) -> Iterator[dict[str, str]]:
    """The environment for terraform while the provider runs; the provider's files are in `work`."""
    env = {**os.environ, **program.environ(work / "data"), "AWS_REGION": "eu-central-1"}
    log_file = work / "provider.log"
    with log_file.open("w", encoding="utf-8") as log:
        process = subprocess.Popen([_binary(env), "-debug"], env=env, stdout=log, stderr=log)
    try:
        yield {**env, _VARIABLE: _address(process, log_file)}
    finally:
        process.terminate()
        process.wait()


def _binary(env: dict[str, str]) -> Path:
    """The provider's program that `terraform init` installs for the release root."""
    quiet = {"cwd": TERRAFORM / "release", "env": env, "stdout": subprocess.DEVNULL}
    subprocess.run(["terraform", "init", "-backend=false"], check=True, **quiet)
    (binary,) = Path(env["TF_DATA_DIR"]).glob("providers/*/hashicorp/aws/*/*/terraform-provider-aws*")
    return binary


def _address(process: subprocess.Popen[bytes], log_file: Path) -> str:
    def announced() -> list[str]:
        lines = log_file.read_text(encoding="utf-8").splitlines()
        assert process.poll() is None, "the provider has ended:\n" + "\n".join(lines)
        return [line for line in lines if f"{_VARIABLE}=" in line and line.endswith("'")]

    line = until(announced, _PATIENCE, what=f"the provider listens; see {log_file}", every=0.1)[0]
    return shlex.split(line)[0].partition("=")[2]
