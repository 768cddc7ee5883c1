"""What an image should hold, told again from the definition and slowly; and trees to try it on."""

import fnmatch
import gzip
import posixpath

from hypothesis import strategies as st

from tests.images.static.repo import F, link

CONTENTS = st.sampled_from([b"", b"1", b"2", b"text " * 40, b"other text " * 40])
FILES = st.one_of(CONTENTS.map(F), CONTENTS.map(lambda data: F(data, "100755")), st.just(link("x")))
NAMES = st.sampled_from(["a", "b", "x", "x.css", "x.css.gz", "é"])
TREES = st.recursive(
    st.dictionaries(NAMES, FILES, max_size=4),
    lambda inner: st.dictionaries(NAMES, st.one_of(FILES, inner), max_size=4),
    max_leaves=8,
)
PATTERNS = ("*.css",)


def flat(tree, prefix=""):
    """Nested folders as path -> file; folders without files vanish, as they do in git."""
    files = {}
    for name, what in tree.items():
        files |= {prefix + name: what} if isinstance(what, F) else flat(what, f"{prefix}{name}/")
    return files


def expected(tree):
    """Path -> (mode, content) of an image without history, siblings included."""
    files = {path: mode_and_content(file) for path, file in tree.items()}
    folders = {folder for path in tree for folder in _folders(path)}
    for path, file in tree.items():
        sibling = f"{path}.gz"
        is_compressible = fnmatch.fnmatch(posixpath.basename(path), "*.css") and file.mode != "120000"
        if is_compressible and sibling not in files and sibling not in folders:
            packed = gzip.compress(file.data, 6)
            if len(packed) < len(file.data):
                files[sibling] = (0o644, ("gz", file.data))
    return files


def mode_and_content(file):
    if file.mode == "120000":
        return 0o777, b"-> " + file.data
    return (0o755 if file.mode == "100755" else 0o644), file.data


class Bridged:
    """An image that keeps what left in its last `releases` builds."""

    def __init__(self, releases):
        self.releases = releases
        self.files, self.ages = {}, {}
        self.last = None

    def build(self, tree):
        if tree == self.last:
            return self.files
        self.last = tree
        fresh = expected(tree)
        folders = {folder for path in tree for folder in _folders(path)}
        kept_files = {}
        for path, what in self.files.items():
            if path not in fresh:
                self.ages[path] = self.ages.get(path, 0) + 1
                blocked = path in folders or any(folder in tree for folder in _folders(path))
                # A kept file must not meet another file's sibling, nor the reverse.
                siblings = [at for at in (path, *_folders(path)) if at.endswith(".gz")]
                blocked |= any(at.removesuffix(".gz") in fresh for at in siblings)
                sibling = fresh.get(f"{path}.gz")
                blocked |= sibling is not None and sibling != self.files.get(f"{path}.gz")
                if self.ages[path] <= self.releases and not blocked:
                    kept_files[path] = what
        self.ages = {path: self.ages[path] for path in kept_files}
        self.files = {**kept_files, **fresh}
        return self.files


def files_of(flattened):
    """What `flatten` gave in the model's terms; folders must lead to a file."""
    files = {path: what for path, what in flattened.items() if what[0] != "folder"}
    folders = {folder for path in files for folder in _folders(path)}
    assert folders == {path for path, what in flattened.items() if what[0] == "folder"}
    return {path: (what[1], _content(path, what[2])) for path, what in files.items()}


def _content(path, data):
    if isinstance(data, str):
        return data.encode()
    if path.endswith(".css.gz") and data[:2] == b"\x1f\x8b":
        return "gz", gzip.decompress(data)
    return data


def _folders(path):
    while path := posixpath.dirname(path):
        yield path
