"""Build a base image from Debian's packages; equal packages give equal bytes."""

import hashlib
import io
import json
import os
import shlex
import shutil
import signal
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.core.errors import TandemError
from pipeline.core.private_files import private_folder
from pipeline.images.bases.apt import install_packages, is_root_on_debian, os_release
from pipeline.images.bases.recipe import Recipe
from pipeline.images.docker import ARCHITECTURES

# Any fixed time, the same on every machine.
EPOCH = 1_700_000_000
_CREATED = "2023-11-14T22:13:20Z"
_LAST_LINES = 6
_NEEDED = 500_000_000


def machine_architecture() -> str:
    """This machine's processor, in Docker's words."""
    machine = os.uname().machine
    return ARCHITECTURES.get(machine, machine)


def write_archive(
    recipe: Recipe,
    folder: Path,
    into: Path,
    progress: Callable[[str], None],
    arch: str = "",
) -> None:
    """Write the base as a `docker load` archive to `into`, whole or not at all.

    `arch` is the processor of the image; empty for this machine's. Nothing of the image runs.

    Raises:
        TandemError: This is not root on Debian, the disk is full, or mmdebstrap failed.
    """
    arch = arch or machine_architecture()
    if not is_root_on_debian():
        raise TandemError(
            f"no base image for {recipe.name}: no registry serves {recipe.official}, and making one from"
            " Debian's packages needs root on Debian",
            hint=f"docker pull {recipe.official}",
        )
    if not shutil.which("mmdebstrap"):
        install_packages(["mmdebstrap"], progress)
    progress(f"base {recipe.name}: no registry answers, making it from Debian's packages")
    private_folder(into.parent)
    free = shutil.disk_usage(into.parent).free
    if free < _NEEDED:
        # Checked first: apt waits for ever if its lists do not fit.
        raise TandemError(
            f"cannot make base {recipe.name}: the disk is full: {into.parent} has {free // 1_000_000} MB,"
            f" {_NEEDED // 1_000_000} MB are needed",
            hint="df -h",
        )
    with tempfile.TemporaryDirectory(dir=into.parent) as work:
        layer = Path(work, "layer.tar")
        _bootstrap(recipe, folder, layer, arch)
        archive = Path(work, "whole.tar")
        _pack(recipe, layer, archive, arch)
        archive.rename(into)


def mmdebstrap_command(recipe: Recipe, folder: Path, layer: Path, arch: str = "") -> list[str]:
    """The mmdebstrap command that makes the root file system of `recipe`."""
    overlay = folder / recipe.name
    finish = [str(folder / "finish.sh"), recipe.user, str(overlay) if overlay.is_dir() else ""]
    links = [f"{link}={target}" for link, target in recipe.links.items()]
    script, *rest = (shlex.quote(word) for word in [*finish, *links])
    return [
        "mmdebstrap",
        "--variant=extract",
        *(
            [f"--architectures={arch}", "--skip=check/qemu"]
            if arch not in {"", machine_architecture()}
            else []
        ),
        f"--include={','.join(recipe.packages)}",
        "--skip=output/dev",
        "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
        f'--extract-hook={script} "$1" {" ".join(rest)}',
        *(f"--aptopt={line}" for line in _apt_options()),
        *_suite_and_sources(layer),
    ]


def _suite_and_sources(layer: Path) -> list[str]:
    """Suite, target and package source: this machine's own source, which is reachable from here."""
    suite = os_release().get("VERSION_CODENAME", "")
    sources = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
    source_files = [
        str(file) for file in sources if file.is_file() and file.read_text(encoding="utf-8").strip()
    ]
    return [suite, str(layer), *source_files[:1]]


def _apt_options() -> list[str]:
    """Proxies and date checks of this machine's apt, which mmdebstrap does not read."""
    keys = ["Acquire::http", "Acquire::https", "Acquire::Check-Valid-Until", "Acquire::Check-Date"]
    dump = subprocess.run(
        ["apt-config", "dump", "--format", '%F "%v";%n', *keys], capture_output=True, text=True, check=False
    )
    return [line for line in dump.stdout.splitlines() if not line.endswith(' "";')]


def _bootstrap(recipe: Recipe, folder: Path, layer: Path, arch: str) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH), "TMPDIR": str(layer.parent)}
    exit_code, output = _run(mmdebstrap_command(recipe, folder, layer, arch), environment)
    if not exit_code:
        return
    last = " / ".join(output.strip().splitlines()[-_LAST_LINES:])
    raise TandemError(
        f"cannot make base {recipe.name} from Debian's packages: {last}",
        hint="check that `apt-get update` works on this machine, then run the command again",
    )


def _run(words: list[str], environ: dict[str, str]) -> tuple[int, str]:
    """Exit code and output. It has a session of its own: a failing mmdebstrap signals its process group."""
    with subprocess.Popen(
        words,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate()
        except BaseException:
            # Ctrl-C does not reach it in that session; on SIGTERM it removes its temporary root.
            os.killpg(process.pid, signal.SIGTERM)
            raise
        return process.returncode, output


def _pack(recipe: Recipe, layer: Path, into: Path, arch: str) -> None:
    """Wrap `layer` as an image archive: unlike `docker import`, the same layer gives the same image id."""
    with layer.open("rb") as stream:
        diff_id = hashlib.file_digest(stream, "sha256").hexdigest()
    config = json.dumps(_config(recipe, f"sha256:{diff_id}", arch), sort_keys=True).encode()
    config_digest = hashlib.sha256(config).hexdigest()
    manifest = [{"Config": f"{config_digest}.json", "Layers": [f"{diff_id}/layer.tar"], "RepoTags": None}]
    with tarfile.open(into, "w") as tar:
        _add(tar, "manifest.json", json.dumps(manifest).encode())
        _add(tar, f"{config_digest}.json", config)
        tar.add(layer, f"{diff_id}/layer.tar")


def _config(recipe: Recipe, diff_id: str, arch: str) -> dict[str, Any]:
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    runtime = {
        "Cmd": list(recipe.cmd) or None,
        "Entrypoint": list(recipe.entrypoint) or None,
        "Env": [f"PATH={path}"],
        "StopSignal": recipe.stop_signal,
    }
    return {
        "architecture": arch,
        "config": {key: value for key, value in runtime.items() if value},
        "created": _CREATED,
        "history": [{"created": _CREATED, "created_by": f"mmdebstrap {' '.join(recipe.packages)}"}],
        "os": "linux",
        "rootfs": {"diff_ids": [diff_id], "type": "layers"},
    }


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    member.mtime = EPOCH
    tar.addfile(member, io.BytesIO(data))


def archived_image_id(archive: Path) -> str:
    """The image id in an archive of `write_archive`, whose first member is manifest.json.

    Raises:
        TandemError: The file is not an image archive.
    """
    with _members(archive) as members:
        for member, stream in members:
            if member == "manifest.json":
                config: str = json.load(stream)[0]["Config"]
                return f"sha256:{config.removesuffix('.json')}"
    raise TandemError(f"{archive} is not an image archive", hint=f"rm {archive}")


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[tuple[str, io.BufferedIOBase]]]:
    try:
        with tarfile.open(archive) as tar:
            yield ((member.name, tar.extractfile(member)) for member in tar)  # type: ignore[misc]
    except (tarfile.TarError, OSError, ValueError) as error:
        raise TandemError(f"{archive} is not an image archive: {error}", hint=f"rm {archive}") from error
