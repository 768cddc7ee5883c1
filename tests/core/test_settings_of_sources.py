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


def test_a_stage_of_an_own_dockerfile_can_be_chosen(read):
    own = f'{SOURCES}dockerfile = "Dockerfile"\n'
    assert read("", own).sources.api.target == ""
    for target in ("", "prod", "Prod", "build-1.2_x"):
        assert read("", f'{own}target = "{target}"\n').sources.api.target == target


@pytest.mark.parametrize(
    "target", ['"0"', '"1a"', '"-x"', '" prod"', '"a b"', '"a/b"', '"ä"', '"a\\n"', '"$X"']
)
def test_a_target_is_the_name_of_a_stage(read, target):
    """Docker's classic builder takes no stage by its number, which BuildKit would."""
    own = f'{SOURCES}dockerfile = "Dockerfile"\n'
    with pytest.raises(TandemError, match=r"sources\.api\.target: must be the name of a stage, such as prod"):
        read("", f"{own}target = {target}\n")


@pytest.mark.parametrize(
    ("target", "why"), [("0", "must be a text, in quotes"), ('["prod"]', "must be a text")]
)
def test_a_target_is_a_text(read, target, why):
    with pytest.raises(TandemError, match=rf"sources\.api\.target: {why}"):
        read("", f'{SOURCES}dockerfile = "Dockerfile"\ntarget = {target}\n')


def test_a_target_without_an_own_dockerfile_is_not_passed_over(read):
    """Tandem's own Dockerfiles have one stage."""
    for source, name in (("app", "a"), ("static", "https://example.com/static.git"), ("api", "c")):
        sources = SOURCES.replace(f'"{name}"\n', f'"{name}"\ntarget = "prod"\n')
        with pytest.raises(TandemError, match=rf"sources\.{source}\.target needs a dockerfile under"):
            read("", sources)
    assert not read("[api]\nenabled = false\n", f'{SOURCES}target = "prod"\n').api.enabled
