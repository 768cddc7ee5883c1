"""The images of a release carry a tag that lifecycle rules and other environments respect."""

from dataclasses import dataclass, field

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef
from pipeline.deploy import retention
from tests.support.example_releases import image, make_release


@dataclass
class ImmutableTags:
    """A registry whose tags keep their first image."""

    taken: dict[tuple[str, str], ImageRef] = field(default_factory=dict)

    def tag(self, ref: ImageRef, tag: str) -> ImageRef:
        return self.taken.setdefault((ref.path, tag), ref)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> ImmutableTags:
    registry = ImmutableTags()
    monkeypatch.setattr(retention, "connect", lambda _host: registry)
    return registry


def test_the_tag_names_environment_and_number(registry: ImmutableTags) -> None:
    for environment in ("dev", "prod"):
        retention.keep_images(make_release("a", environment=environment, number=3))
    assert {tag for _, tag in registry.taken} == {"release-dev-3", "release-prod-3"}
    retention.keep_images(make_release("a", environment="dev", number=3))


@pytest.mark.usefixtures("registry")
def test_a_tag_of_another_image_is_an_error_with_the_command_that_removes_it() -> None:
    retention.keep_images(make_release("a", number=3))
    with pytest.raises(TandemError, match=r"release-dev-3 on another image, sha256:aaa") as error:
        retention.keep_images(make_release("b", number=3))
    assert "--repository-name shop/api --image-ids imageTag=release-dev-3" in error.value.hint


def test_tags_of_own_releases_are_not_foreign() -> None:
    releases = [make_release("a", number=1), make_release("b", number=2)]
    tags = ["release-dev-1", "release-1", "release-2", "release-dev-2", "release-prod-1", "inputs-1"]
    assert retention.foreign_tags(tags, image("app", "a"), releases) == [
        "release-2",
        "release-dev-2",
        "release-prod-1",
    ]
