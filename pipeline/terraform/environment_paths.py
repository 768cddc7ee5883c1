"""Find the files of an environment: its tfvars and its backend settings."""

from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.core.paths import TERRAFORM
from pipeline.core.settings import Project


def environment_files(project: Project, environment: str, root: str) -> list[Path]:
    """The environment's tfvars files: of this repository, then of the project's folder if that is another.

    Raises:
        TandemError: there is none, or no .tfbackend file.
    """
    name = f"{environment}.tfvars" if root == "platform" else f"{environment}.{root}.tfvars"
    files = in_envs(project, name)
    if not files or not in_envs(project, f"{environment}.tfbackend"):
        example = name.replace(environment, "dev", 1)
        raise TandemError(
            f"no terraform/envs/{name} (or .tfbackend) for environment {environment!r}",
            hint=f"cp terraform/envs/{example} terraform/envs/{name} (the .tfbackend too), then adjust it",
        )
    return files


def in_envs(project: Project, name: str) -> list[Path]:
    """The existing files of that name: of this repository, then of the project. Later files win."""
    folders = dict.fromkeys([(TERRAFORM / "envs").resolve(), (project.root / "terraform" / "envs").resolve()])
    return [folder / name for folder in folders if (folder / name).is_file()]
