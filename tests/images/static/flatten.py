"""What an image's file system looks like, told by Python's tarfile and the whiteout rules alone."""

import gzip
import io
import posixpath
import tarfile

from pipeline.registry import connect


def flatten(ref, root="srv/static"):
    """Path -> (kind, mode, content or target, mtime) of everything below `root`, folders included."""
    registry = connect(ref.host)
    found = {}
    for layer in registry.manifest(ref).layers:
        apply(found, gzip.decompress(registry.read_blob(ref.path, layer.digest)))
    return {
        path.removeprefix(f"{root}/"): what for path, what in found.items() if path.startswith(f"{root}/")
    }


def files(ref):
    """The same without folders, mode and time: path -> content or `-> target`."""
    return {path: what[2] for path, what in flatten(ref).items() if what[0] != "folder"}


def apply(found, plain):
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        members = [(posixpath.normpath(member.name), member) for member in tar]
        for path, _ in members:
            folder, name = posixpath.split(path)
            if name == ".wh..wh..opq":
                _remove_below(found, folder)
            elif name.startswith(".wh."):
                gone = posixpath.join(folder, name[4:])
                found.pop(gone, None)
                _remove_below(found, gone)
        for path, member in members:
            if posixpath.basename(path).startswith(".wh."):
                continue
            if not member.isdir():
                _remove_below(found, path)
            for folder in _folders(path):
                assert found.get(folder, ("folder",))[0] == "folder", f"{folder} is no folder, for {path}"
                assert folder in found or path.startswith("bin/"), f"{folder} is missing, for {path}"
            found[path] = _what(tar, member)


def _what(tar, member):
    if member.isdir():
        return "folder", member.mode, None, member.mtime
    if member.issym():
        return "link", member.mode, f"-> {member.linkname}", member.mtime
    return "file", member.mode, tar.extractfile(member).read(), member.mtime


def _folders(path):
    while path := posixpath.dirname(path):
        yield path


def _remove_below(found, folder):
    for path in [path for path in found if path.startswith(f"{folder}/")]:
        del found[path]
