"""Git repositories made from plain dictionaries, one commit after another, through one process."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

_CONFIG = """
[core]
repositoryformatversion = 0
bare = true
compression = 0
[fastimport]
unpackLimit = 0
[uploadpack]
allowFilter = true
allowAnySHA1InWant = true
"""


@dataclass(frozen=True)
class F:
    """A file: its bytes, and whether it may be executed or is a link."""

    data: bytes
    mode: str = "100644"


def link(target):
    return F(target.encode(), "120000")


class Repo:
    """A bare repository; `commit` takes the whole tree and gives the commit's id."""

    def __init__(self, path: Path):
        self.path = path
        for name in ("objects", "refs"):
            (path / name).mkdir(parents=True)
        (path / "HEAD").write_text("ref: refs/heads/main\n")
        (path / "config").write_text(_CONFIG)

    def git(self, *arguments, stdin=None):
        done = subprocess.run(
            ["git", f"--git-dir={self.path}", *arguments], input=stdin, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    def commits(self, trees):
        """Commit each tree on top of the one before; gives their ids."""
        lines = []
        for number, tree in enumerate(trees, 1):
            lines += [b"commit refs/heads/main", b"mark :%d" % number, b"committer T <t@example.com> 0 +0000"]
            lines += [b"data 1", b"m"]
            if number == 1 and (self.path / "refs/heads/main").exists():
                lines += [b"from refs/heads/main^0"]
            lines += [b"deleteall"]
            for path, content in tree.items():
                file = content if isinstance(content, F) else F(content)
                if file.mode == "160000":
                    lines += [b"M 160000 %s %s" % (file.data, _quoted(path))]
                    continue
                lines += [b"M %s inline %s" % (file.mode.encode(), _quoted(path))]
                lines += [b"data %d" % len(file.data), file.data]
        marks = self.path / "marks"
        stream = b"\n".join(lines) + b"\n"
        self.git("fast-import", "--quiet", "--force", f"--export-marks={marks}", stdin=stream)
        ids = dict(line.split() for line in marks.read_text().splitlines())
        return [ids[f":{number}"] for number in range(1, len(trees) + 1)]

    def commit(self, tree):
        return self.commits([tree])[0]


def _quoted(path):
    name = path.encode(errors="surrogateescape")
    return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
