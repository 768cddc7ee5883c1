"""Releases for tests."""

from dataclasses import replace
from typing import Any

from pipeline.core.platform import Platform
from pipeline.core.settings import Settings
from pipeline.core.values import Commit, Digest, ImageRef, Source
from pipeline.deploy.compose import compose
from pipeline.deploy.manifest import Release

PLATFORM = Platform.parse(
    {
        "name": "shop-dev",
        "region": "eu-central-1",
        "account_id": "123456789012",
        "cluster_name": "shop-dev",
        "cluster_arn": "arn:aws:ecs:eu-central-1:123456789012:cluster/shop-dev",
        "service_name": "shop-dev",
        "execution_role_arn": "arn:aws:iam::123456789012:role/shop-dev-execution",
        "task_role_arn": "arn:aws:iam::123456789012:role/shop-dev-task",
        "app_log_group": "/shop-dev/app",
    }
)
SETTINGS = Settings.model_validate(
    {"sources": {name: {"repository": f"examples/{name}"} for name in ("app", "static", "api")}}
)


def image(name: str, fill: str) -> ImageRef:
    """An image whose digest is `fill`, one hex digit, again and again."""
    return ImageRef(f"127.0.0.1:5000/shop/{name}", Digest("sha256:" + fill * 64))


def commits(fill: str = "1") -> dict[Source, Commit]:
    """A commit of each source, whose id is `fill`, one hex digit, again and again."""
    return {source: Commit(source, fill * 40, f"Change {source}") for source in Source}


def make_release(fill: str = "a", **changes: Any) -> Release:
    """A release of images with this digit, composed as a real one; `changes` replace its fields."""
    images = {name: image(name, fill) for name in ("app", "static", "api")}
    release = compose(SETTINGS, "dev", PLATFORM, commits(), images, why="a push")
    return replace(release, **changes)
