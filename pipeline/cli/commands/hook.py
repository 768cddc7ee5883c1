"""tandem hook: git hooks that release after a push."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.help_sections import SectionedGroup
from pipeline.cli.options import HERE, LOCAL, EnvOption, ProjectOption, open_project
from pipeline.core import console
from pipeline.core.values import Source

app = typer.Typer(
    cls=SectionedGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Git hooks that release after a push.",
)


@app.callback()
def hook() -> None:
    """Git hooks that release after a push."""


@app.command()
def install(
    repository: Annotated[Path, typer.Argument(help="A git repository on this machine that is pushed to.")],
    source: Annotated[
        Source | None, typer.Option(help="The source.  [default: the one with this repository]")
    ] = None,
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
) -> None:
    """Write the post-receive hook that runs `tandem trigger` after a push to the source's branch.

    Safe to repeat. Another hook of the repository stays as it is. `tandem up` does this for the repositories
    that it makes.
    """
    from pipeline.local.examples.repositories import with_examples
    from pipeline.triggers.git_hook import install as install_hook
    from pipeline.triggers.git_hook import source_of

    opened_project = with_examples(open_project(project)) if env == LOCAL else open_project(project)
    path = repository.resolve()
    console.out(install_hook(opened_project, source or source_of(opened_project, path), path, env))
