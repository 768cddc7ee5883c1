"""A project with a stack of its own, for comparisons on the machine's Docker."""

import shutil

import pytest


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    # Imported here: of the tests in this folder only those with Docker need the stack.
    from pipeline.core.paths import ROOT  # noqa: PLC0415
    from pipeline.core.settings import load  # noqa: PLC0415
    from pipeline.deploy.session import open_session  # noqa: PLC0415
    from pipeline.local.stack import Stack  # noqa: PLC0415
    from tests.support.ports import free_port  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("project")
    text = (ROOT / "tandem.toml").read_text()
    (folder / "tandem.toml").write_text(text.replace("[local]", f"[local]\nport = {free_port()}"))
    (folder / ".tandem").mkdir()
    cache = ROOT / ".tandem" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    (folder / ".tandem" / "cache").symlink_to(cache)
    shutil.copytree(ROOT / "examples", folder / "examples")
    project = load(folder)
    stack = Stack.of(project)
    stack.start()
    yield open_session(project, "local")
    stack.stop()
