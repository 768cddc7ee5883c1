"""A site beside the stack removes its own files and those of no environment."""

import pytest
from docker import DockerClient
from pydantic import ValidationError

from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, Settings, load
from pipeline.local.dev import dev_session


@pytest.mark.parametrize("kind", ["dev", "api", "preview"])
def test_an_environment_of_the_same_name_keeps_its_files(tmp_path, kind):
    project = Project(tmp_path, load(ROOT).settings)
    waiting = project.state / kind / "queue" / "triggers" / "1.json"
    own = dev_session._folder(project, kind) / "content" / "index.html"
    for file in (waiting, own):
        file.parent.mkdir(parents=True)
        file.touch()
    without_an_engine = DockerClient(base_url="tcp://127.0.0.1:9", version="1.41")
    dev_session._remove_all(project, kind, without_an_engine)
    assert (waiting.exists(), own.exists()) == (True, False)


@pytest.mark.parametrize("kind", ["dev", "api", "preview"])
def test_no_environment_can_have_the_name_of_its_folder(tmp_path, kind):
    values = load(ROOT).settings.model_dump(mode="json")
    name = dev_session._folder(Project(tmp_path, load(ROOT).settings), kind).name
    allowed = {"region": "eu-central-1", "account_id": "123456789012"}
    Settings.model_validate({**values, "environments": {kind: allowed}})
    with pytest.raises(ValidationError, match="environments"):
        Settings.model_validate({**values, "environments": {name: allowed}})
