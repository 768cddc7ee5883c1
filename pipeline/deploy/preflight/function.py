"""The API function's side: concurrency that is left, and the limits of its image."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from pipeline.aws import client as aws
from pipeline.deploy.manifest import Release
from pipeline.deploy.preflight.image_contract import Images
from render.finding import Finding

_KEPT_FREE = 100  # Lambda leaves so much of the account's concurrency without a reservation
_LARGEST = 10 * 2**30
_ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}


def concurrency(platform: Mapping[str, Any], release: Release) -> Iterator[Finding]:
    client, name = aws.client("lambda"), str(platform.get("function_name", ""))
    try:
        limit = client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:  # noqa: PLR2004 - local AWS has no limits
            return
        raise
    try:
        reserved = client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions", 0)
    except client.exceptions.ResourceNotFoundException:
        reserved = 0
    left = limit + reserved - release.api.reserved_concurrency
    if left < _KEPT_FREE:
        yield Finding(
            "concurrency",
            f"api.reserved_concurrency = {release.api.reserved_concurrency} leaves {left} of the account's; "
            f"Lambda keeps {_KEPT_FREE} free",
            "lower it, or ask for a higher quota",
        )


def package(release: Release, registry: Callable[[str], Images]) -> Iterator[Finding]:
    image = release.api.image
    at = registry(image.host)
    manifest = at.manifest(image)
    size = sum(layer.size for layer in manifest.layers)
    if size > _LARGEST:
        yield Finding("function's image", f"has {size / 2**30:.1f} GiB; Lambda takes 10", "make it smaller")
    wanted = release.task_definition["runtimePlatform"]["cpuArchitecture"]
    found = at.config(image, manifest).get("architecture")
    if found != _ARCHITECTURES.get(wanted):
        yield Finding("function's image", f"is for {found}, the function for {wanted}", "build it again")
