"""Pin base images by digest, in the files that name them: `python -m pipeline.images.bases.pins [--check]`.

A tag means another image tomorrow. `NAME:TAG@sha256:…` means the same one for ever; the tag stays for people,
and to ask for its digest again.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from pipeline import registry
from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.whole_file import write_whole
from pipeline.registry import Registry

_HUB = "registry-1.docker.io"
_HUBS = frozenset({"docker.io", "index.docker.io"})
_DIGEST = "@sha256:"
_NAMED_IN = {
    "images/base/bases.toml": re.compile(r'^official = "([^"]+)"', re.MULTILINE),
    "images/*/Dockerfile": re.compile(r"^ARG BASE=(\S+)", re.MULTILINE),
    "templates/*.yml": re.compile(r'\bname: "([\w./-]+:[^"]+)"'),
}
"""Where a file names an image that others start from."""

Connect = Callable[[str], Registry]


def images_by_file(root: Path = ROOT) -> dict[Path, list[str]]:
    """The images that each file below `root` names, in its order."""
    images = {
        file: place.findall(file.read_text(encoding="utf-8"))
        for pattern, place in _NAMED_IN.items()
        for file in sorted(root.glob(pattern))
    }
    return {file: names for file, names in images.items() if names}


def unpinned(root: Path = ROOT) -> list[str]:
    """The images that a file names by tag only."""
    return sorted({name for names in images_by_file(root).values() for name in names if _DIGEST not in name})


def by_digest(image: str) -> str:
    """`image` as registries and engines take it: without a tag where there is a digest."""
    name, at, digest = image.partition("@")
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}@{digest}" if at else image


def pin(root: Path = ROOT, connect: Connect = registry.connect) -> dict[str, str]:
    """Write today's digest beside each tag; returns the digest of each tag. All are asked for first.

    Raises:
        TandemError: a registry does not answer, or has no such tag; nothing was written.
    """
    files = images_by_file(root)
    tags = sorted({name.partition("@")[0] for names in files.values() for name in names})
    digests = {tag: _digest(tag, connect) for tag in tags}
    for file, names in files.items():
        text = file.read_text(encoding="utf-8")
        pinned_text = _with_digests(text, names, digests)
        if pinned_text != text:
            write_whole(file, pinned_text.encode())
    return digests


def _with_digests(text: str, names: Iterable[str], digests: Mapping[str, str]) -> str:
    for name in dict.fromkeys(names):
        tag = name.partition("@")[0]
        text = re.sub(rf"(?<![\w./-]){re.escape(name)}(?![\w.@:-])", f"{tag}@{digests[tag]}", text)
    return text


def _digest(image: str, connect: Connect) -> str:
    host, path, tag = split_image(image)
    ref = connect(host).pin(path, tag)
    if ref is None:
        raise TandemError(
            f"cannot pin {image}: {host} has no such image",
            hint="correct its name, or the tag, in the files that name it: git grep -n " + image,
        )
    return str(ref.digest)


def split_image(image: str) -> tuple[str, str, str]:
    """Registry, repository and tag of an image, as an engine reads its name."""
    name, _, tag = image.partition("@")[0].rpartition(":")
    if not name or "/" in tag:
        name, tag = image.partition("@")[0], "latest"
    host, slash, path = name.partition("/")
    if not slash or not ({".", ":"} & set(host) or host == "localhost"):
        return _HUB, name if slash else f"library/{name}", tag
    if host in _HUBS:
        return _HUB, path if "/" in path else f"library/{path}", tag
    return host, path, tag


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Pin all, or only check that all are pinned; 1 if that fails."""
    if "--check" in arguments:
        images = unpinned(root)
        for image in images:
            print(f"error: {image} is not pinned by digest\nhint:  make lock-bases", file=sys.stderr)
        return bool(images)
    try:
        digests = pin(root)
    except TandemError as error:
        print(f"error: {error.message}\nhint:  {error.hint}", file=sys.stderr)
        return 1
    for tag, digest in digests.items():
        print(f"{tag}@{digest}")
    print("next: git commit --all --message 'Renew the base images', then make test")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
