"""Git objects made byte by byte, as git's own commands would refuse to make them."""

import hashlib
import zlib


class RawRepo:
    """A bare repository; each method writes one object and gives its id."""

    def __init__(self, path):
        self.path = path
        for name in ("objects", "refs/heads"):
            (path / name).mkdir(parents=True)
        (path / "HEAD").write_text("ref: refs/heads/main\n")
        (path / "config").write_text("[core]\nrepositoryformatversion = 0\nbare = true\n")

    def write(self, kind, content):
        data = b"%s %d\0" % (kind, len(content)) + content
        name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        file = self.path / "objects" / name[:2] / name[2:]
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(zlib.compress(data, 1))
        return name

    def blob(self, content):
        return self.write(b"blob", content)

    def tree(self, entries):
        """A tree of (mode, name, id), all as given and in that order."""
        lines = [mode + b" " + name + b"\0" + bytes.fromhex(id_) for mode, name, id_ in entries]
        return self.write(b"tree", b"".join(lines))

    def commit(self, tree, subject=b"m"):
        text = f"tree {tree}\nauthor T <t@e> 0 +0000\ncommitter T <t@e> 0 +0000\n\n".encode() + subject
        name = self.write(b"commit", text)
        (self.path / "refs/heads/main").write_text(f"{name}\n")
        return name

    def nested(self, entries):
        """The id of a tree whose entries are (mode, name, bytes, or a list of entries)."""
        made = []
        for mode, name, content in entries:
            inner = self.nested(content) if isinstance(content, list) else self.blob(content)
            made.append((mode, name, inner))
        return self.tree(made)
