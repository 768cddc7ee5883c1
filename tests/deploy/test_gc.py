"""What kept releases need stays; the rest is shown, and then goes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.core.values import Digest, ImageRef
from pipeline.deploy import gc
from pipeline.deploy.gc import Garbage
from pipeline.deploy.manifest import Weights
from pipeline.deploy.rollback import choose_target, repeat_release
from pipeline.deploy.store import Store, lock
from pipeline.deploy.store.files import FileObjects
from pipeline.registry import OCI_CONFIG, OCI_MANIFEST, Blob, Manifest, Registry, connect
from tests.registry import server
from tests.support.aws_access import aws
from tests.support.example_releases import make_release
from tests.support.stage import FUNCTION, Stage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """In place of the one that the releases' images name."""
    with server.running(tmp_path_factory.mktemp("registry")) as host:
        yield connect(host)


@pytest.fixture(autouse=True)
def _there(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "connect", lambda _host: registry)


@pytest.fixture
def store(tmp_path: Path, stage: Stage) -> Store:
    """Five releases, one after the other, each of which worked."""
    store = Store(FileObjects(tmp_path), "dev")
    with lock.held(store.objects, "releases") as lease:
        for fill in "abcde":
            release = store.add(make_release(fill))
            stage.apply(release, Weights())
            store.succeed(release.number, lease.token)
    return store


def test_what_only_old_releases_need_is_garbage(store: Store, stage: Stage) -> None:
    garbage = gc.find_garbage(aws(), stage.platform, store, 2)
    assert garbage == [
        Garbage("revision", "shop-dev:1"),
        Garbage("revision", "shop-dev:2"),
        Garbage("version", "1"),
        Garbage("version", "2"),
    ]


def test_revisions_for_commands_of_old_releases_are_garbage_too(store: Store, stage: Stage) -> None:
    for number in (1, 5):
        image = str(store.get(number).api.image)
        stage.ecs.register_task_definition(
            family="shop-dev-run", containerDefinitions=[{"name": "run", "image": image, "memory": 64}]
        )
    platform = stage.platform.model_copy(update={"run_family": "shop-dev-run"})
    garbage = gc.find_garbage(aws(), platform, store, 2)
    assert [item.name for item in garbage if "run" in item.name] == ["shop-dev-run:1"]


def test_what_runs_is_never_garbage_and_neither_is_what_can_be_gone_back_to(
    store: Store, stage: Stage
) -> None:
    assert [release.number for release in gc.kept_releases(store, 1)] == [4, 5]
    names = {item.name for item in gc.find_garbage(aws(), stage.platform, store, 1)}
    assert names.isdisjoint({"shop-dev:5", "shop-dev:4", "5", "4"})


def test_what_runs_although_it_is_old_is_never_garbage(store: Store, stage: Stage) -> None:
    """Somebody went back by hand: two versions serve, and the tasks are of a third release."""
    stage.show("arn:aws:ecs:eu-central-1:123456789012:task-definition/shop-dev:1", "COMPLETED")
    stage._alias("2", Weights(stable_version="1", canary_percent=10))
    assert stage.alias() == ("1", {"2": 0.1})
    garbage = gc.find_garbage(aws(), stage.platform, store, 1)
    assert garbage == [
        Garbage("revision", "shop-dev:2"),
        Garbage("revision", "shop-dev:3"),
        Garbage("version", "3"),
    ]


def test_what_a_rollback_would_repeat_stays_however_old_it_is(store: Store) -> None:
    """Each rollback goes on backwards, and is a new release itself."""
    with lock.held(store.objects, "rollbacks") as lease:
        for _ in range(2):
            store.succeed(repeat_release(store, choose_target(store), "slow").number, lease.token)
    assert choose_target(store).number == 2
    assert 2 in {release.number for release in gc.kept_releases(store, 1)}


def test_clearing_leaves_nothing_to_clear(store: Store, stage: Stage) -> None:
    garbage = gc.find_garbage(aws(), stage.platform, store, 2)
    assert list(gc.remove_garbage(aws(), garbage, FUNCTION)) == garbage
    assert gc.find_garbage(aws(), stage.platform, store, 2) == []
    active = stage.ecs.list_task_definitions(familyPrefix="shop-dev", status="ACTIVE")["taskDefinitionArns"]
    assert [arn.rpartition("/")[2] for arn in active] == ["shop-dev:3", "shop-dev:4", "shop-dev:5"]


def push(registry: Registry, number: str) -> ImageRef:
    config = Blob.of(f'{{"number": {number}}}'.encode(), OCI_CONFIG)
    registry.push_blob("shop/static", config)
    return registry.push_manifest("shop/static", Manifest(config.descriptor, ()), f"b{number}")


def test_images_go_from_a_registry_that_is_not_ecr(tmp_path: Path, stage: Stage, registry: Registry) -> None:
    """What is kept, and what the two of them share, stays."""
    pushed = [push(registry, number) for number in "123"]
    store = Store(FileObjects(tmp_path / "images"), "dev")
    with lock.held(store.objects, "releases") as lease:
        for images in (pushed[0], pushed[1], pushed[1], pushed[2]):
            release = store.add(make_release("a", images={"static": images}))
            store.succeed(release.number, lease.token)
    garbage = gc.find_garbage(aws(), stage.platform, store, 2)
    assert garbage == [Garbage("image", str(pushed[0]))]
    assert list(gc.remove_garbage(aws(), garbage, FUNCTION)) == garbage
    assert [registry.exists(image) for image in pushed] == [False, True, True]
    assert gc.find_garbage(aws(), stage.platform, store, 2) == []


ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"


def push_to_ecr(number: int, *tags: str) -> ImageRef:
    client, digest = aws().client("ecr"), Digest(f"sha256:{number:064}")
    manifest = json.dumps({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "n": number})
    for tag in (f"inputs-{number}", *tags):
        client.put_image(
            repositoryName="shop/static", imageManifest=manifest, imageTag=tag, imageDigest=str(digest)
        )
    return ImageRef(f"{ECR}/shop/static", digest)


def test_images_that_another_environment_released_are_not_garbage(tmp_path: Path, stage: Stage) -> None:
    """Both share the repository. A tag without an environment may be of the other one, too."""
    aws().client("ecr").create_repository(repositoryName="shop/static")
    pushed = [
        push_to_ecr(1, "release-dev-1", "release-prod-7"),
        push_to_ecr(2, "release-2", "release-dev-2"),
        push_to_ecr(3, "release-9"),
        push_to_ecr(4),
    ]
    store = Store(FileObjects(tmp_path / "images"), "dev")
    with lock.held(store.objects, "releases") as lease:
        for image in [*pushed, *pushed[3:] * 2]:
            release = store.add(make_release("a", images={"static": image}))
            store.succeed(release.number, lease.token)
    garbage = gc.find_garbage(aws(), stage.platform, store, 2)
    assert garbage == [Garbage("image", str(pushed[1]))]
    assert list(gc.remove_garbage(aws(), garbage, FUNCTION)) == garbage
    assert gc.find_garbage(aws(), stage.platform, store, 2) == []


def test_releases_themselves_stay_so_that_no_number_comes_twice(store: Store, stage: Stage) -> None:
    list(gc.remove_garbage(aws(), gc.find_garbage(aws(), stage.platform, store, 1), FUNCTION))
    assert store.numbers() == [1, 2, 3, 4, 5]


def test_what_no_release_names_is_not_ours_to_clear(store: Store, stage: Stage) -> None:
    foreign = {**make_release("f").task_definition}
    stage.ecs.register_task_definition(**foreign)
    assert "shop-dev:6" not in {item.name for item in gc.find_garbage(aws(), stage.platform, store, 1)}
