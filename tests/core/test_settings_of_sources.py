"""Settings name a source for each part, and paths within it."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from tests.core.settings_sources import SOURCES


@pytest.mark.parametrize("key", ["path", "dockerfile"])
@pytest.mark.parametrize("value", ["/site", "../site", "a/../../b", ".\\\\site", ".git/hooks"])
def test_a_path_stays_within_its_repository_and_is_written_with_slashes(read, key, value):
    with pytest.raises(
        TandemError, match=rf"sources\.api\.{key}: must be a path within .*with / and without"
    ):
        read("", f'{SOURCES}{key} = "{value}"\n')


def test_contents_own_dockerfile_is_not_passed_over(read):
    """The builder `layers` would publish the files that the Dockerfile builds from."""
    sources = SOURCES.replace('static.git"\n', 'static.git"\ndockerfile = "Dockerfile"\n')
    with pytest.raises(TandemError, match=r'sources\.static\.dockerfile needs builder = "docker"'):
        read("", sources)
    assert read('[static]\nbuilder = "docker"\n', sources).static.builder == "docker"


def test_a_handler_may_be_a_path_or_the_images_own_command(read):
    assert read('[api]\nhandler = "dist/index.handler"\n').api.handler == "dist/index.handler"
    own = f'{SOURCES}dockerfile = "Dockerfile"\n'
    assert read('[api]\nhandler = ""\n', own).api.handler == ""


def test_a_missing_source_is_named(read):
    with pytest.raises(TandemError, match=r"sources\.api: is missing"):
        read("", SOURCES.replace("[sources.api]\nrepository = ", "[sources.app.x]\nr = "))


def test_without_an_api_its_source_may_be_left_out(read):
    sources = SOURCES.partition("[sources.api]")[0]
    settings = read("[api]\nenabled = false\n", sources)
    assert settings.active_sources == (Source.APP, Source.STATIC)
    assert read("[api]\nenabled = false\n").active_sources == (Source.APP, Source.STATIC)
    for text in ("", "[api]\nenabled = true\n"):
        with pytest.raises(TandemError, match=r"sources\.api: is missing"):
            read(text, sources)
    with pytest.raises(TandemError, match=r"sources\.app: is missing"):
        read("[api]\nenabled = false\n[sources.static]\nrepository = 'a'\n", "")


def test_an_api_without_use_has_no_secrets(read):
    secret = '[api.secrets]\nDB = "arn:aws:ssm:eu-central-1:123456789012:parameter/db"\n'
    assert read(secret).api_secrets.keys() == {"DB"}
    assert read(f"[api]\nenabled = false\n{secret}").api_secrets == {}
