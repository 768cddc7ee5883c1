"""tandem static: build static images, and look into them."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from pipeline.cli.options import HERE, DryRunOption, JsonOption, ProjectOption, open_project
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.git import sources
from pipeline.git.objects import ObjectStore, open_object_store
from pipeline.images.static import build_static, compact_static
from pipeline.images.static.build import compaction_reason
from pipeline.images.static.diff import compare
from pipeline.images.static.image.previous import StaticImage, read_static_image
from pipeline.images.static.inspect import ImageFacts
from pipeline.images.static.inspect import inspect as facts_of
from pipeline.images.static.layers.progress import show_progress, size
from pipeline.images.static.verify import verify as verify_image

app = typer.Typer(no_args_is_help=True, help="Build static images, and look into them.")
Image = Annotated[str, typer.Argument(help="An image by digest: host/path@sha256:…")]
_SHOWN = 20


@app.command()
def build(  # noqa: PLR0913, PLR0917 - a command's options
    repository: Annotated[str, typer.Option(help="Where to push: host/path.")],
    base: Annotated[str, typer.Option(help="The small image below the content, by digest.")],
    commit: Annotated[str, typer.Option(help="The commit to build; without it, the source's head.")] = "",
    predecessor: Annotated[str, typer.Option("--from", help="The image to start from, by digest.")] = "",
    canonical: Annotated[bool, typer.Option(help="Let the digest depend on the tree alone.")] = False,  # noqa: FBT002 - a flag
    project: ProjectOption = HERE,
    dry_run: DryRunOption = False,  # noqa: FBT002 - a flag
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Build the static image of a commit and push it, in time proportional to what changed."""
    opened = open_project(project)
    wanted = Commit(Source.STATIC, commit, "") if commit else sources.head(opened, Source.STATIC)
    if dry_run:
        console.info(f"would build commit {wanted.short} of the static source and push it to {repository}")
        return
    built = build_static(
        opened,
        wanted,
        repository,
        ImageRef.parse(base),
        predecessor=ImageRef.parse(predecessor) if predecessor else None,
        canonical=canonical,
    )
    if as_json:
        _print_json({**asdict(built), "image": str(built.image)})
    else:
        print(built.image)
    console.info(f"{built.how}: {built.files} files written, {size(built.sent)} sent, {built.layers} layers")
    if built.compaction_due:
        console.info(f"{built.compaction_due}; next: tandem static compact {built.image}")


@app.command()
def inspect(image: Image, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Say what an image is made of: layers, bytes, hidden bytes, age."""
    facts = facts_of(_opened(image))
    if as_json:
        _print_json(asdict(facts))
    else:
        print("\n".join(_table(facts)))
    if facts.compaction:
        console.info(f"{facts.compaction}; next: tandem static compact {image}")


@app.command()
def verify(image: Image, project: ProjectOption = HERE, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Prove that an image is its commit's tree: path, mode, size and sha256 of every file."""
    opened = _opened(image)
    with show_progress(lambda: f"reading {size(opened.manifest.size)} of layers and the commit's tree"):
        verdict = verify_image(_objects(open_project(project)), opened)
    if as_json:
        _print_json(asdict(verdict))
    if verdict.problems:
        _list("problem", verdict.problems)
        raise TandemError(f"{image} is not its commit's tree", hint="build the commit again with --canonical")
    console.info(f"{verdict.files - verdict.kept} files are those of tree {verdict.tree[:10]}")
    console.info(f"{verdict.kept} more are kept; {size(verdict.hidden)} of {size(verdict.bytes)} are hidden")


@app.command()
def diff(
    old: Image,
    new: Image,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """List the files that differ between two images, without reading their layers."""
    found = compare(_objects(open_project(project)), _opened(old), _opened(new))
    if as_json:
        _print_json(asdict(found))
        return
    for sign, paths in (("+", found.added), ("-", found.removed), ("~", found.changed)):
        for path in paths:
            print(f"{sign} {path}")


@app.command()
def compact(
    image: Image,
    project: ProjectOption = HERE,
    dry_run: DryRunOption = False,  # noqa: FBT002 - a flag
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Push an image with the same files and no hidden bytes; the next build starts from it."""
    opened = _opened(image)
    if dry_run:
        console.info(compaction_reason(opened) or "compaction would save little: few bytes are hidden")
        return
    done = compact_static(open_project(project), opened.ref)
    if as_json:
        _print_json({"image": str(done.image.ref), "sent": done.sent, "reused": done.reused})
    else:
        print(done.image.ref)
    saved = opened.manifest.size - done.image.manifest.size
    console.info(f"{size(saved)} less to pull; {size(done.sent)} sent, {done.reused} base layers stayed")
    console.info(f"next: tandem static verify {done.image.ref}")


def _opened(image: str) -> StaticImage:
    found = read_static_image(ImageRef.parse(image))
    if found is None:
        raise TandemError(f"{image} was not built from layers here", hint="tandem static build")
    return found


def _objects(project: Project) -> ObjectStore:
    return open_object_store(sources.locate(project, Source.STATIC), project.state / "cache" / "static")


def _table(facts: ImageFacts) -> Iterable[str]:
    yield f"image   {facts.image}"
    yield f"commit  {facts.commit or '(canonical)'}, tree {facts.tree}, build {facts.build}"
    yield f"files   {facts.files}, {facts.kept} of them kept from earlier builds"
    yield f"bytes   {size(facts.bytes)}, about {size(facts.dead)} hidden"
    yield ""
    yield f"{'layer':7} {'bytes':>9} {'builds ago':>10}  holds"
    for layer in facts.layers:
        yield f"{layer.role:7} {size(layer.bytes):>9} {layer.age:>10}  {layer.holds}".rstrip()


def _list(what: str, lines: tuple[str, ...]) -> None:
    for line in lines[:_SHOWN]:
        console.info(f"{what}: {line}", style="red")
    if len(lines) > _SHOWN:
        console.info(f"and {len(lines) - _SHOWN} more; --json lists all")


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, indent=2, default=str))
