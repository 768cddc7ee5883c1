"""Name the example's assets by their contents: `python -m tests.examples.assets`, after a change of one.

nginx lets browsers keep an asset for a year, so that each change needs a new name. With `--vendor` the page's
chart library is copied from its npm package first (`make vendor`).
"""

import hashlib
import json
import re
import sys
from pathlib import Path

from pipeline.core.paths import ROOT

EXAMPLES = ROOT / "examples"
STATIC = EXAMPLES / "static"
PACKAGE = EXAMPLES / "charts" / "node_modules" / "uplot"
VENDORED = {
    "uplot.00000000.js": "dist/uPlot.iife.min.js",
    "uplot.00000000.css": "dist/uPlot.min.css",
    "uplot-license.00000000.txt": "LICENSE",
}


def vendor(package: Path, assets: Path) -> None:
    """Replace the chart library, its style and its licence by those of the package."""
    for old in assets.glob("uplot*"):
        old.unlink()
    for name, file in VENDORED.items():
        (assets / name).write_bytes((package / file).read_bytes())


def rename(static: Path, pages: list[Path]) -> list[str]:
    """Give each asset the name of its contents, wherever assets and pages name it; the new names."""
    renamed, assets = [], static / "assets"
    while stale := next((each for each in sorted(assets.iterdir()) if each.name != named(each)), None):
        new = stale.rename(stale.with_name(named(stale)))
        stem, _, suffix = new.name.split(".")
        name = re.compile(rf"\b{re.escape(stem)}\.[0-9a-f]{{8}}\.{suffix}\b")
        for file in (*pages, *assets.glob("*.css"), *assets.glob("*.js")):
            text = file.read_text(encoding="utf-8")
            if name.search(text):
                file.write_text(name.sub(new.name, text), encoding="utf-8")
        renamed.append(new.name)
    _write_manifest(static)
    return renamed


def named(asset: Path) -> str:
    """The name that belongs to the asset's contents."""
    stem, _, suffix = asset.name.split(".")
    return f"{stem}.{hashlib.sha256(asset.read_bytes()).hexdigest()[:8]}.{suffix}"


def _write_manifest(static: Path) -> None:
    names = sorted(asset.name for asset in (static / "assets").iterdir())
    manifest = {re.sub(r"\.[0-9a-f]{8}\.", ".", name): f"assets/{name}" for name in names}
    (static / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if "--vendor" in sys.argv[1:]:
        vendor(PACKAGE, STATIC / "assets")
    print("\n".join(rename(STATIC, sorted((EXAMPLES / "app" / "html").glob("*.html")))))
