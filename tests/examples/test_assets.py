"""Assets of the example's page have the names of their contents, and the chart library is its package's."""

import json
import re

from pipeline.core.paths import ROOT
from tests.examples import assets

LOCKED = json.loads((ROOT / "examples" / "charts" / "package-lock.json").read_text())["packages"]


def _library():
    (file,) = (assets.STATIC / "assets").glob("uplot.*.js")
    return file.read_text()


def test_the_library_is_the_locked_version_with_its_licence():
    assert re.match(r"/\*! \S+ \(v([\d.]+)\) \*/", _library())[1] == LOCKED["node_modules/uplot"]["version"]
    (licence,) = (assets.STATIC / "assets").glob("uplot-license.*.txt")
    assert "MIT License" in licence.read_text()
    assert licence.name in (ROOT / "examples" / "app" / "html" / "index.html").read_text()


def test_the_sites_own_style_comes_first():
    """The tests of releases under load ask for the first one of the page."""
    page = (ROOT / "examples" / "app" / "html" / "index.html").read_text()
    assert re.findall(r'href="/static/assets/(\w+)\.\w+\.css"', page) == ["site", "uplot"]


def test_the_lock_names_the_contents_of_the_package_and_no_registry():
    assert LOCKED["node_modules/uplot"]["integrity"].startswith("sha512-")
    assert "resolved" not in LOCKED["node_modules/uplot"]


def test_a_changed_asset_gets_a_new_name_wherever_it_is_named(tmp_path):
    folder, page = tmp_path / "assets", tmp_path / "index.html"
    folder.mkdir()
    (folder / "a.00000000.js").write_text('import "./b.00000000.js";')
    (folder / "b.00000000.js").write_text("1")
    page.write_text('<script src="/static/assets/a.00000000.js">')
    assets.rename(tmp_path, [page])
    names = {asset.name.split(".")[0]: asset for asset in folder.iterdir()}
    assert [assets.named(asset) for asset in names.values()] == [asset.name for asset in names.values()]
    assert names["a"].name in page.read_text()
    assert names["b"].name in names["a"].read_text()
    assert json.loads((tmp_path / "manifest.json").read_text()) == {
        "a.js": f"assets/{names['a'].name}",
        "b.js": f"assets/{names['b'].name}",
    }
    assert assets.rename(tmp_path, [page]) == []


def test_vendoring_replaces_the_files_of_an_earlier_version(tmp_path):
    package, folder = tmp_path / "package", tmp_path / "static" / "assets"
    folder.mkdir(parents=True)
    (folder / "uplot.11111111.js").touch()
    for file in assets.VENDORED.values():
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text(file)
    assets.vendor(package, folder)
    assert {file.name: file.read_text() for file in folder.iterdir()} == assets.VENDORED
