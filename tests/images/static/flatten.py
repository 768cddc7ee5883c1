"""What an image's file system looks like, told by Python's tarfile and the whiteout rules alone."""

import gzip
import io
import posixpath
import tarfile

from pipeline.registry import connect


def flatten(ref, root="srv/static"):
    """Path -> (kind, mode, content or target, mtime) of everything below `root`, folders included."""
    registry = connect(ref.host)
    entries = {}
    for layer in registry.manifest(ref).layers:
        apply(entries, gzip.decompress(registry.read_blob(ref.path, layer.digest)))
    return {
        path.removeprefix(f"{root}/"): what for path, what in entries.items() if path.startswith(f"{root}/")
    }


def files(ref):
    """The same without folders, mode and time: path -> content or `-> target`."""
    return {path: what[2] for path, what in flatten(ref).items() if what[0] != "folder"}


def apply(entries, plain):
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        members = [(posixpath.normpath(member.name), member) for member in tar]
        for path, _ in members:
            folder, name = posixpath.split(path)
            if name == ".wh..wh..opq":
                _remove_below(entries, folder)
            elif name.startswith(".wh."):
                hidden_path = posixpath.join(folder, name[4:])
                entries.pop(hidden_path, None)
                _remove_below(entries, hidden_path)
        for path, member in members:
            if posixpath.basename(path).startswith(".wh."):
                continue
            if not member.isdir():
                _remove_below(entries, path)
            for folder in _folders(path):
                assert entries.get(folder, ("folder",))[0] == "folder", f"{folder} is no folder, for {path}"
                assert folder in entries or path.startswith("bin/"), f"{folder} is missing, for {path}"
            entries[path] = _what(tar, member)


def _what(tar, member):
    if member.isdir():
        return "folder", member.mode, None, member.mtime
    if member.issym():
        return "link", member.mode, f"-> {member.linkname}", member.mtime
    return "file", member.mode, tar.extractfile(member).read(), member.mtime


def _folders(path):
    while path := posixpath.dirname(path):
        yield path


def _remove_below(entries, folder):
    for path in [path for path in entries if path.startswith(f"{folder}/")]:
        del entries[path]
