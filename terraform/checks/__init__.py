"""The project's own checks for checkov, which loads every module of this folder."""

from pathlib import Path

__all__ = [file.stem for file in Path(__file__).parent.glob("[a-z]*.py")]
