"""tandem static: build static images and inspect them."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.help_sections import SectionedGroup
from pipeline.cli.options import HERE, DryRunOption, JsonOption, ProjectOption, open_project
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef, Source

if TYPE_CHECKING:
    from pipeline.core.settings import Project
    from pipeline.git.object_store import ObjectStore
    from pipeline.images.static.image.previous import StaticImage
    from pipeline.images.static.inspect import ImageFacts

app = typer.Typer(
    cls=SectionedGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Build static images and inspect them.",
)
Image = Annotated[str, typer.Argument(help="An image by digest: host/path@sha256:…")]
_SHOWN = 20


@app.command()
def build(  # noqa: PLR0913, PLR0917 - a command's options
    repository: Annotated[str, typer.Option(help="The repository to push to: host/path.")],
    base: Annotated[str, typer.Option(help="The small image below the content, by digest.")],
    commit: Annotated[
        str, typer.Option(help="The commit to build: an id, branch or tag.  [default: the source's head]")
    ] = "",
    predecessor: Annotated[str, typer.Option("--from", help="The image to start from, by digest.")] = "",
    canonical: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option(help="Build an image whose digest depends on the tree alone.")
    ] = False,
    project: ProjectOption = HERE,
    dry_run: DryRunOption = False,  # noqa: FBT002 - a flag
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Build the static image of a commit and push it.

    The time that this takes is proportional to what changed since the predecessor.
    """
    from pipeline.git import sources
    from pipeline.images import static

    opened_project = _open_project(project)
    source = (
        sources.resolve(opened_project, Source.STATIC, commit)
        if commit
        else sources.head(opened_project, Source.STATIC)
    )
    if dry_run:
        console.info(f"would build commit {source.short} of the static source and push it to {repository}")
        return
    built = static.build_static(
        opened_project,
        source,
        repository,
        ImageRef.parse(base),
        predecessor=ImageRef.parse(predecessor) if predecessor else None,
        canonical=canonical,
    )
    if as_json:
        _print_json({**asdict(built), "image": str(built.image)})
    else:
        console.out(built.image)
    console.info(f"{built.how}: {built.files} files written, {_size(built.sent)} sent, {built.layers} layers")
    if built.compaction_due:
        console.info(f"{built.compaction_due}; next: tandem static compact {built.image}")


@app.command()
def inspect(image: Image, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Show the layers of an image: bytes, hidden bytes, age."""
    from pipeline.images.static.inspect import inspect as read_facts

    facts = read_facts(_open_image(image))
    if as_json:
        _print_json(asdict(facts))
    else:
        console.out("\n".join(_table(facts)))
    if facts.compaction:
        console.info(f"{facts.compaction}; next: tandem static compact {image}")


@app.command()
def verify(image: Image, project: ProjectOption = HERE, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Verify that an image holds exactly its commit's tree.

    Compares path, mode, time, size and sha256 of every file.
    """
    from pipeline.images.static.layers.progress import show_progress
    from pipeline.images.static.verify import verify as verify_image

    static_image = _open_image(image)
    with show_progress(
        lambda: f"reading {_size(static_image.manifest.size)} of layers and the commit's tree"
    ):
        verdict = verify_image(_object_store(project), static_image)
    if as_json:
        _print_json(asdict(verdict))
    if verdict.problems:
        _print_problems(verdict.problems)
        raise TandemError(f"{image} is not its commit's tree", hint="build the commit again with --canonical")
    console.info(f"{verdict.files - verdict.kept} files are those of tree {verdict.tree[:10]}")
    console.info(
        f"{verdict.kept} more are kept; {_size(verdict.hidden)} of {_size(verdict.bytes)} are hidden"
    )


@app.command()
def diff(
    old: Image,
    new: Image,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """List the files that differ between two images.

    Reads no layer: the images' manifests name their commits, and git's trees are compared.
    """
    from pipeline.images.static.image_diff import compare

    changes = compare(_object_store(project), _open_image(old), _open_image(new))
    if as_json:
        _print_json(asdict(changes))
        return
    for sign, paths in (("+", changes.added), ("-", changes.removed), ("~", changes.changed)):
        for path in paths:
            console.out(f"{sign} {path}")


@app.command()
def compact(
    image: Image,
    project: ProjectOption = HERE,
    dry_run: DryRunOption = False,  # noqa: FBT002 - a flag
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Push an image with the same files and no hidden bytes.

    The next build starts from it.
    """
    from pipeline.images.static import compact_static
    from pipeline.images.static.build import compaction_reason

    static_image = _open_image(image)
    if dry_run:
        console.info(compaction_reason(static_image) or "compaction would save little: few bytes are hidden")
        return
    result = compact_static(_open_project(project), static_image.ref)
    if as_json:
        _print_json({"image": str(result.image.ref), "sent": result.sent, "reused": result.reused})
    else:
        console.out(result.image.ref)
    bytes_saved = static_image.manifest.size - result.image.manifest.size
    console.info(
        f"{_size(bytes_saved)} less to pull; {_size(result.sent)} sent, {result.reused} base layers reused"
    )
    console.info(f"next: tandem static verify {result.image.ref}")


def _open_image(image: str) -> "StaticImage":
    from pipeline.images.static.image.previous import read_static_image

    static_image = read_static_image(ImageRef.parse(image))
    if static_image is None:
        raise TandemError(
            f"{image} was not built from layers here",
            hint="name an image that `tandem static build --repository HOST/PATH --base IMAGE` printed",
        )
    return static_image


def _open_project(path: Path) -> "Project":
    """Open the project; an example's source is the repository that the local stack made of it."""
    from pipeline.local.examples.repositories import with_examples

    return with_examples(open_project(path))


def _object_store(path: Path) -> "ObjectStore":
    from pipeline.git import sources

    return sources.open_source(_open_project(path), Source.STATIC)


def _table(facts: "ImageFacts") -> Iterable[str]:
    yield f"image   {facts.image}"
    yield f"commit  {facts.commit or '(canonical)'}, tree {facts.tree}, build {facts.build}"
    yield f"files   {facts.files}, {facts.kept} of them kept from earlier builds"
    yield f"bytes   {_size(facts.bytes)}, about {_size(facts.dead)} hidden"
    yield ""
    yield f"{'layer':7} {'bytes':>9} {'builds ago':>10}  holds"
    for layer in facts.layers:
        yield f"{layer.role:7} {_size(layer.bytes):>9} {layer.age:>10}  {layer.holds}".rstrip()


def _size(count: int) -> str:
    from pipeline.images.static.layers.progress import size

    return size(count)


def _print_problems(problems: tuple[str, ...]) -> None:
    for problem in problems[:_SHOWN]:
        console.info(f"problem: {problem}", style="red")
    if len(problems) > _SHOWN:
        console.info(f"and {len(problems) - _SHOWN} more; --json lists all")


def _print_json(value: dict[str, Any]) -> None:
    console.out(json.dumps(value, indent=2, default=str))
