"""The gc verb: delete revisions, function versions and images that no kept release needs."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.aws import lambda_alias
from pipeline.aws.access import Aws
from pipeline.aws.client_errors import explain_errors
from pipeline.core.errors import TandemError
from pipeline.core.platform import Platform
from pipeline.core.values import ImageRef
from pipeline.deploy.manifest import Release
from pipeline.deploy.retention import foreign_tags
from pipeline.deploy.rollback import choose_target
from pipeline.deploy.store import Outcome, Store
from pipeline.registry import connect
from pipeline.registry.auth import is_ecr

_BATCH = 100


@dataclass(frozen=True, order=True)
class Garbage:
    """One thing to delete; `kind` is `revision` (task definition), `version` (function) or `image`."""

    kind: str
    name: str


def kept_releases(store: Store, last: int) -> list[Release]:
    """The newest `last` releases, as many that succeeded, the current one, and rollback's target."""
    numbers = set(store.numbers()[-last:])
    succeeded = [entry.release for entry in store.trail() if entry.outcome is Outcome.SUCCEEDED]
    current = store.state().current
    earlier = [number for number in succeeded if number != current]
    numbers.update(
        number for number in (current, *earlier[-last:], _rollback_target(store)) if number is not None
    )
    return [store.get(number) for number in sorted(numbers)]


def _rollback_target(store: Store) -> int | None:
    """The release that `tandem rollback` would repeat; it may be older than the others."""
    try:
        return choose_target(store).number
    except TandemError:
        return None


def find_garbage(aws: Aws, platform: Platform, store: Store, last: int) -> list[Garbage]:
    """The parts that only releases need which are not kept. An image of no release is never garbage.

    Raises:
        TandemError: AWS or the registry refuses.
    """
    kept_images = {str(image) for release in kept_releases(store, last) for image in release.images.values()}
    releases = [store.get(number) for number in store.numbers()]
    images = {str(image) for release in releases for image in release.images.values()}
    unused_images = images - kept_images
    return sorted(
        [
            *_revisions(aws, platform.cluster_name, platform.service_name, unused_images),
            *_revisions(aws, platform.cluster_name, platform.api_service_name, unused_images),
            *(
                _revisions(aws, platform.cluster_name, platform.run_family, unused_images)
                if platform.run_family
                else ()
            ),
            *_versions(aws, platform.function_name, unused_images),
            *_images(aws, unused_images, releases),
        ]
    )


def remove_garbage(aws: Aws, items: list[Garbage], function: str) -> Iterator[Garbage]:
    """Delete `items` one after the other and yield each that is deleted; TandemError if AWS refuses."""
    for item in items:
        with explain_errors(f"delete {item.kind} {item.name}"):
            if item.kind == "revision":
                aws.client("ecs").deregister_task_definition(taskDefinition=item.name)
            elif item.kind == "version":
                aws.client("lambda").delete_function(FunctionName=function, Qualifier=item.name)
            else:
                _delete_image(aws, ImageRef.parse(item.name))
        yield item


def _revisions(aws: Aws, cluster: str, family: str, unused_images: set[str]) -> Iterator[Garbage]:
    """Active revisions of `family` with an unused image that the service does not run."""
    client = aws.client("ecs")
    in_use = _in_use(aws, cluster, family)
    with explain_errors(f"list the revisions of {family}"):
        pages = client.get_paginator("list_task_definitions").paginate(familyPrefix=family, status="ACTIVE")
        for arn in [arn for page in pages for arn in page["taskDefinitionArns"]]:
            revision = client.describe_task_definition(taskDefinition=arn)["taskDefinition"]
            images = {container.get("image", "") for container in revision["containerDefinitions"]}
            if revision["family"] == family and images & unused_images and arn not in in_use:
                yield Garbage("revision", arn.rpartition("/")[2])


def _in_use(aws: Aws, cluster: str, service: str) -> set[str]:
    """The revisions that the service runs now or is starting."""
    client = aws.client("ecs")
    try:
        services = client.describe_services(cluster=cluster, services=[service])["services"]
    except client.exceptions.ClusterNotFoundException:
        return set()
    deployments = {
        item["taskDefinition"] for service_ in services for item in service_.get("deployments", [])
    }
    return deployments | {service_["taskDefinition"] for service_ in services}


def _versions(aws: Aws, function: str, unused_images: set[str]) -> Iterator[Garbage]:
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
            if code.get("ImageUri") in unused_images:
                yield Garbage("version", version)


def _images(aws: Aws, unused_images: set[str], releases: list[Release]) -> Iterator[Garbage]:
    """The unused images that the registry has; in ECR without those that other environments have released."""
    for image in sorted(unused_images):
        ref = ImageRef.parse(image)
        if is_ecr(ref.host):
            tags = _tags_in_ecr(aws, ref)
            deletable = tags is not None and not foreign_tags(tags, ref, releases)
        else:
            deletable = connect(ref.host).exists(ref)
        if deletable:
            yield Garbage("image", image)


def _tags_in_ecr(aws: Aws, ref: ImageRef) -> list[str] | None:
    """The image's tags; None if ECR does not have it."""
    client = aws.client("ecr")
    not_there = (client.exceptions.RepositoryNotFoundException, client.exceptions.ImageNotFoundException)
    with explain_errors(f"read the tags of {ref}"):
        try:
            response = client.describe_images(
                repositoryName=ref.path, imageIds=[{"imageDigest": str(ref.digest)}]
            )
        except not_there:
            return None
    return response["imageDetails"][0].get("imageTags", [])


def _delete_image(aws: Aws, ref: ImageRef) -> None:
    if is_ecr(ref.host):
        aws.client("ecr").batch_delete_image(
            repositoryName=ref.path, imageIds=[{"imageDigest": str(ref.digest)}]
        )
    else:
        connect(ref.host).delete(ref)
