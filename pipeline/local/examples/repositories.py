"""Make a git repository of an example folder: the same commit on every machine."""

import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import IO

from filelock import FileLock

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.private_files import private_folder
from pipeline.core.settings import Project
from pipeline.core.steps import step
from pipeline.core.values import Source
from pipeline.git.address import is_url
from pipeline.git.command import git_environment, run_git
from pipeline.git.object_store import is_repository
from pipeline.local.examples import bulk_content

_BULK = "tandem-bulk"  # a file in the git directory: the bytes that were asked for
_COMMITTER = "Tandem <tandem@localhost> 1700000000 +0000"
_SKIPPED = {".git", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
# Bulk does not compress, and pushing to this machine must not wait for zlib. The user's own hooks and
# templates are for the user's own repositories.
_CONFIG = """
[core]
compression = 0
hooksPath = hooks
[gc]
auto = 0
[receive]
autogc = false
[uploadpack]
allowFilter = true
allowAnySHA1InWant = true
"""


def make_examples(project: Project) -> Project:
    """Make the repositories of the project's example folders that are missing; the project that names them.

    A source is an example if its `repository` is a folder that is no git repository. Its repository is
    made once, under `.tandem/repos`, and left alone from then on.

    Raises:
        TandemError: A repository cannot be made.
    """
    active = project.settings.active_sources
    with ThreadPoolExecutor(len(active)) as pool:
        for future in [pool.submit(_make_missing, project, source) for source in active]:
            future.result()
    return with_examples(project)


def with_examples(project: Project) -> Project:
    """The project whose examples are named by their repositories, where these have been made."""
    sources = project.settings.sources
    repositories = {
        source.value: sources[source].model_copy(update={"repository": str(_repository(project, source))})
        for source in project.settings.active_sources
        if _example_folder(project, source) and _repository(project, source).exists()
    }
    example_sources = sources.model_copy(update=repositories)
    return replace(project, settings=project.settings.model_copy(update={"sources": example_sources}))


def _example_folder(project: Project, source: Source) -> Path | None:
    """The folder that `repository` names, unless it names a git repository."""
    repository = project.settings.sources[source].repository
    path = project.root / Path(repository).expanduser()
    return None if is_url(repository) or is_repository(path) or not path.is_dir() else path.resolve()


def _repository(project: Project, source: Source) -> Path:
    return (project.state / "repos" / f"{source}.git").absolute()


def _make_missing(project: Project, source: Source) -> None:
    folder, repository = _example_folder(project, source), _repository(project, source)
    if folder is None:
        return
    if repository.exists():
        _tell_unused_bulk(project, source, repository)
        return
    private_folder(repository.parent)
    with FileLock(repository.parent / f"{source}.lock"):
        if not repository.exists():
            with step(source.value, of="example", message=f"making the example repository {source}"):
                _make(project, source, folder, repository)


def _tell_unused_bulk(project: Project, source: Source, repository: Path) -> None:
    """Say that `local.bulk` was changed after the repository was made: it may hold the user's commits."""
    try:
        made_with = int((repository / _BULK).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return  # an app or api, or made before this file was
    bulk = project.settings.local.bulk
    if made_with != bulk:
        console.info(
            f"   local.bulk = {bulk / 1e6:g} MB has no effect: the example repository {source} was made with"
            f" {made_with / 1e6:g} MB; `rm -rf {shlex.quote(str(repository))}`, with the commits in it, lets"
            " `make up` make it again",
            style="yellow",
        )


def _make(project: Project, source: Source, folder: Path, repository: Path) -> None:
    """Make it under another name, then rename it: a process that is killed leaves no half repository."""
    for old in repository.parent.glob(f".{source}-*"):
        shutil.rmtree(old, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{source}-", dir=repository.parent))
    branch = project.settings.sources[source].branch
    try:
        run_git("init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}", str(aside))
        (aside / "hooks").mkdir()
        with (aside / "config").open("a", encoding="utf-8") as config:
            config.write(_CONFIG)
        total = project.settings.local.bulk if source is Source.STATIC else 0
        if source is Source.STATIC:
            (aside / _BULK).write_text(str(total), encoding="ascii")
        _import(aside, branch, source, _files(folder, total))
        aside.chmod(0o755)
        aside.rename(repository)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _files(folder: Path, total: int) -> Iterator[tuple[str, str, bytes]]:
    """Path, git mode and bytes of each file of the example, then of the bulk."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        if _SKIPPED & set(name.parts) or (file.is_dir() and not file.is_symlink()):
            continue
        if file.is_symlink():
            yield name.as_posix(), "120000", bytes(file.readlink())
        else:
            mode = "100755" if file.stat().st_mode & 0o100 else "100644"
            yield name.as_posix(), mode, file.read_bytes()
    for bulk in bulk_content.files(total):
        yield bulk.path, "100644", bulk.data


def _import(repository: Path, branch: str, source: Source, files: Iterator[tuple[str, str, bytes]]) -> None:
    """Write one commit with fast-import, which neither compresses nor computes deltas here."""
    with tempfile.TemporaryFile() as errors:
        command = ["git", f"--git-dir={repository}", "fast-import", "--quiet", "--depth=0"]
        with subprocess.Popen(
            command, env=git_environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors
        ) as process:
            try:
                _feed(process.stdin, branch, source, files)
            except BrokenPipeError:
                pass  # git printed the reason to stderr
            finally:
                if process.stdin:
                    _close(process.stdin)
        if process.returncode:
            errors.seek(0)
            last = " ".join(errors.read().decode(errors="replace").strip().splitlines()[-1:])
            raise TandemError(f"cannot make the example repository {source}: {last}", hint="df -h .")


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        return


def _feed(
    stream: IO[bytes] | None, branch: str, source: Source, files: Iterator[tuple[str, str, bytes]]
) -> None:
    if stream is None:
        raise TandemError("git fast-import gave no pipe")
    subject = f"Begin with the example {source}"
    begin = f"commit refs/heads/{branch}\ncommitter {_COMMITTER}\ndata {len(subject)}\n{subject}\n"
    stream.write(begin.encode())
    for path, mode, data in files:
        stream.write(f"M {mode} inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
    stream.write(b"done\n")
