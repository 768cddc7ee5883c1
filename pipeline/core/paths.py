"""The folders of this repository that the pipeline reads."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "images"
TERRAFORM = ROOT / "terraform"
