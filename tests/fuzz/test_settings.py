"""Settings that are accepted make a release, or an error says why not."""

import json
from contextlib import suppress

from hypothesis import given
from pydantic import ValidationError

from pipeline.core.errors import TandemError
from pipeline.core.settings import Settings
from pipeline.deploy.compose import compose
from pipeline.deploy.manifest import Release
from tests.fuzz.effort import effort
from tests.fuzz.strategies import mutated
from tests.support.example_releases import PLATFORM, SETTINGS, commits, image

COMPLETE = json.loads(SETTINGS.model_dump_json())
IMAGES = {name: image(name, "a") for name in ("app", "static", "api", "monolith", "site")}
_LONGEST = 20_000
"""A message of many findings; each is short."""


@effort()
@given(mutated([COMPLETE]))
def test_accepted_settings_make_a_release_or_an_error(values: object) -> None:
    with suppress(ValidationError):
        settings = Settings.model_validate(values)
        message = ""
        try:
            release = compose(settings, "dev", PLATFORM, commits(), IMAGES, why="a push")
            assert Release.load(release.dump()) == release
        except TandemError as error:
            message = error.message
        assert len(message) < _LONGEST
        assert "damaged" not in message
