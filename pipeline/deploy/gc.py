"""Clear away what no kept release needs: revisions, function versions, images; shown before it is done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from pipeline.aws import client as aws
from pipeline.aws import lambda_alias
from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef
from pipeline.deploy.manifest import Release
from pipeline.deploy.rollback import choose
from pipeline.deploy.store import Outcome, Store
from pipeline.registry import connect
from pipeline.registry.auth import is_ecr

_BATCH = 100


@dataclass(frozen=True, order=True)
class Waste:
    """One thing that may go: a `revision` of the task, a function's `version`, an `image` of the registry."""

    kind: str
    name: str


def kept(store: Store, last: int) -> list[Release]:
    """The releases whose parts stay: the last ones, the current one, and the ways back."""
    numbers = set(store.numbers()[-last:])
    succeeded = [entry.release for entry in store.trail() if entry.outcome is Outcome.SUCCEEDED]
    current = store.state().current
    earlier = [number for number in succeeded if number != current]
    numbers.update(number for number in (current, *earlier[-last:], _way_back(store)) if number is not None)
    return [store.get(number) for number in sorted(numbers)]


def _way_back(store: Store) -> int | None:
    """Where `tandem rollback` would go: it may lie further back than what is kept by number."""
    try:
        return choose(store).number
    except TandemError:
        return None


def waste(platform: Mapping[str, Any], store: Store, last: int) -> list[Waste]:
    """All that only releases need which are not kept. What no release of ours names is not ours to clear."""
    keep = kept(store, last)
    kept_images = {str(image) for release in keep for image in release.images.values()}
    known = {str(i) for number in store.numbers() for i in store.get(number).images.values()}
    ours = known - kept_images
    return sorted(
        [
            *_revisions(str(platform["name"]), str(platform["name"]), ours),
            *_revisions(str(platform["name"]), f"{platform['name']}-api", ours),
            *_versions(str(platform["function_name"]), ours),
            *_images(ours),
        ]
    )


def clear(items: list[Waste], function: str) -> Iterator[Waste]:
    """Remove them, one after the other, and yield what is gone."""
    for item in items:
        with aws.asking(f"remove {item.kind} {item.name}"):
            if item.kind == "revision":
                aws.client("ecs").deregister_task_definition(taskDefinition=item.name)
            elif item.kind == "version":
                aws.client("lambda").delete_function(FunctionName=function, Qualifier=item.name)
            else:
                _remove(ImageRef.parse(item.name))
        yield item


def _revisions(cluster: str, family: str, ours: set[str]) -> Iterator[Waste]:
    """Active revisions that run one of our images which no kept release needs."""
    client = aws.client("ecs")
    in_use = _in_use(cluster, family)
    with aws.asking(f"list the revisions of {family}"):
        pages = client.get_paginator("list_task_definitions").paginate(familyPrefix=family, status="ACTIVE")
        for arn in [arn for page in pages for arn in page["taskDefinitionArns"]]:
            found = client.describe_task_definition(taskDefinition=arn)["taskDefinition"]
            images = {container.get("image", "") for container in found["containerDefinitions"]}
            if found["family"] == family and images & ours and arn not in in_use:
                yield Waste("revision", arn.rpartition("/")[2])


def _in_use(cluster: str, service: str) -> set[str]:
    """What the service runs now or is about to, whatever the store says."""
    client = aws.client("ecs")
    try:
        found = client.describe_services(cluster=cluster, services=[service])["services"]
    except client.exceptions.ClusterNotFoundException:
        return set()
    deployments = {item["taskDefinition"] for one in found for item in one.get("deployments", [])}
    return deployments | {one["taskDefinition"] for one in found}


def _versions(function: str, ours: set[str]) -> Iterator[Waste]:
    client = aws.client("lambda")
    try:
        alias = client.get_alias(FunctionName=function, Name=lambda_alias.ALIAS)
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function)
        versions = [item["Version"] for page in pages for item in page["Versions"]]
    except client.exceptions.ResourceNotFoundException:
        return
    serving = {alias["FunctionVersion"], *alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})}
    newest = max((int(version) for version in versions if version.isdigit()), default=0)
    for version in versions:
        if version.isdigit() and version not in serving and int(version) != newest:
            code = client.get_function(FunctionName=function, Qualifier=version)["Code"]
            if code.get("ImageUri") in ours:
                yield Waste("version", version)


def _images(ours: set[str]) -> Iterator[Waste]:
    for image in sorted(ours):
        ref = ImageRef.parse(image)
        there = _in_ecr(ref) if is_ecr(ref.host) else connect(ref.host).exists(ref)
        if there:
            yield Waste("image", image)


def _in_ecr(ref: ImageRef) -> bool:
    try:
        found = aws.client("ecr").batch_get_image(
            repositoryName=ref.path, imageIds=[{"imageDigest": str(ref.digest)}]
        )
    except ClientError:
        return False
    return bool(found["images"])


def _remove(ref: ImageRef) -> None:
    if is_ecr(ref.host):
        aws.client("ecr").batch_delete_image(
            repositoryName=ref.path, imageIds=[{"imageDigest": str(ref.digest)}]
        )
    else:
        connect(ref.host).delete(ref)
