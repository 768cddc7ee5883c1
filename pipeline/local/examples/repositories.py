"""Make a git repository of an example folder: the same commit on every machine."""

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pipeline.core.console import step
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.values import Source
from pipeline.git.command import git_environment, run_git
from pipeline.local.examples import content as bulk

_WHO = "Tandem <tandem@localhost> 1700000000 +0000"
_LEFT_OUT = {".git", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
_SETTINGS = {
    # Bulk does not compress, and pushing to this machine must not wait for zlib.
    "core.compression": "0",
    "gc.auto": "0",
    "receive.autogc": "false",
    # The user's own hooks and templates are for the user's own repositories.
    "core.hooksPath": "hooks",
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
}


def make_example(project: Project, source: Source, folder: Path) -> Path:
    """The bare repository of an example, made on the first call and left alone from then on."""
    repository = (project.state / "repos" / f"{source}.git").absolute()
    if repository.exists():
        return repository
    repository.parent.mkdir(parents=True, exist_ok=True)
    with (repository.parent / f"{source}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not repository.exists():
            with step(f"making the example repository {source}"):
                _make(project, source, folder, repository)
    return repository


def _make(project: Project, source: Source, folder: Path, repository: Path) -> None:
    """Make it aside, then rename: whoever is killed midway leaves no half repository."""
    for old in repository.parent.glob(f".{source}-*"):
        shutil.rmtree(old, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{source}-", dir=repository.parent))
    branch = project.settings.sources[source].branch
    try:
        run_git("init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}", str(aside))
        (aside / "hooks").mkdir()
        for key, value in _SETTINGS.items():
            run_git("config", key, value, repository=aside)
        total = project.settings.local.bulk if source is Source.STATIC else 0
        _import(aside, branch, source, _content(folder, total))
        aside.chmod(0o755)
        aside.rename(repository)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _content(folder: Path, total: int) -> Iterator[tuple[str, str, bytes]]:
    """Path, git mode and bytes of each file of the example, then of the bulk."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        if _LEFT_OUT & set(name.parts) or (file.is_dir() and not file.is_symlink()):
            continue
        if file.is_symlink():
            yield name.as_posix(), "120000", bytes(file.readlink())
        else:
            mode = "100755" if file.stat().st_mode & 0o100 else "100644"
            yield name.as_posix(), mode, file.read_bytes()
    for made in bulk.files(total):
        yield made.path, "100644", made.data


def _import(repository: Path, branch: str, source: Source, content: Iterator[tuple[str, str, bytes]]) -> None:
    """One commit by way of fast-import, which neither compresses nor looks for deltas here."""
    with tempfile.TemporaryFile() as said:
        command = ["git", f"--git-dir={repository}", "fast-import", "--quiet", "--depth=0"]
        with subprocess.Popen(
            command, env=git_environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
        ) as process:
            try:
                _feed(process.stdin, branch, source, content)
            except BrokenPipeError:
                pass  # git says why on stderr
            finally:
                if process.stdin:
                    _close(process.stdin)
        if process.returncode:
            said.seek(0)
            last = " ".join(said.read().decode(errors="replace").strip().splitlines()[-1:])
            raise TandemError(f"cannot make the example repository {source}: {last}", hint="df -h .")


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        return


def _feed(
    stream: IO[bytes] | None, branch: str, source: Source, content: Iterator[tuple[str, str, bytes]]
) -> None:
    if stream is None:
        raise TandemError("git fast-import gave no pipe")
    subject = f"Begin with the example {source}"
    begin = f"commit refs/heads/{branch}\ncommitter {_WHO}\ndata {len(subject)}\n{subject}\n"
    stream.write(begin.encode())
    for path, mode, data in content:
        stream.write(f"M {mode} inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
    stream.write(b"done\n")
