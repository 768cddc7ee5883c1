"""Scripts that take the place of terraform."""

import sys
from pathlib import Path


def script(tmp_path: Path, body: str) -> str:
    """A script named terraform: it can fail in ways that the real program does not on demand."""
    file = tmp_path / "terraform"
    file.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    file.chmod(0o755)
    return str(file)
