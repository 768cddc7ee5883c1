"""The example sources fit each other."""

import hashlib
import json
import os
import re
import subprocess
import sys

import pytest

from pipeline.core.paths import ROOT

STATIC = ROOT / "examples" / "static"
PAGES = sorted((ROOT / "examples" / "app" / "html").glob("*.html"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_asset_that_a_page_names_is_there(page):
    for name in re.findall(r'"/static/([^"]+)"', page.read_text()):
        assert (STATIC / name).is_file(), name


@pytest.mark.parametrize("asset", sorted((STATIC / "assets").iterdir()), ids=lambda asset: asset.name)
def test_hash_in_a_name_is_the_contents(asset):
    """nginx lets browsers keep such a file for a year."""
    assert asset.name.split(".")[1] == hashlib.sha256(asset.read_bytes()).hexdigest()[:8]


def test_manifest_names_what_is_there():
    manifest = json.loads((STATIC / "manifest.json").read_text())
    assert {str(asset.relative_to(STATIC)) for asset in (STATIC / "assets").iterdir()} == set(
        manifest.values()
    )


@pytest.mark.slow
def test_api_examples_own_tests_pass():
    api = ROOT / "examples" / "api"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(api / "tests")]
    environ = {**os.environ, "PYTHONPATH": str(api), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=api, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
