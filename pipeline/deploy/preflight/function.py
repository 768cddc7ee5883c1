"""Check the API's function: the account's concurrency, and the size and processor of its image."""

from collections.abc import Iterator

from pipeline.aws import errors
from pipeline.aws.client import Aws
from pipeline.aws.errors import ClientError
from pipeline.core.platform import Platform
from pipeline.deploy.manifest import Release
from pipeline.deploy.preflight.container_images import OpenRegistry
from render.finding import Finding

_UNRESERVED = 100  # Lambda keeps so much of the account's concurrency without a reservation
_MAX_BYTES = 10 * 2**30
_ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}


def concurrency(aws: Aws, platform: Platform, release: Release) -> Iterator[Finding]:
    """A finding if the account has too little concurrency left for the function's reservation."""
    client, name = aws.client("lambda"), platform.function_name
    try:
        limit = client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    except ClientError as error:
        if errors.status(error) == 404:  # noqa: PLR2004 - local AWS has no limits
            return
        raise
    try:
        reserved = client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions", 0)
    except client.exceptions.ResourceNotFoundException:
        reserved = 0
    left = limit + reserved - release.api.reserved_concurrency
    if left < _UNRESERVED:
        yield Finding(
            "concurrency",
            f"api.reserved_concurrency = {release.api.reserved_concurrency} leaves {left} of the account's; "
            f"Lambda keeps {_UNRESERVED} free",
            "lower it, or ask for a higher quota",
        )


def package(release: Release, open_registry: OpenRegistry) -> Iterator[Finding]:
    """Findings if the image is too large for Lambda or for another processor."""
    image = release.api.image
    client = open_registry(image.host)
    manifest = client.manifest(image)
    size = sum(layer.size for layer in manifest.layers)
    if size > _MAX_BYTES:
        yield Finding("function's image", f"has {size / 2**30:.1f} GiB; Lambda takes 10", "make it smaller")
    expected = release.task_definition["runtimePlatform"]["cpuArchitecture"]
    architecture = client.config(image, manifest).get("architecture")
    if architecture != _ARCHITECTURES.get(expected):
        yield Finding(
            "function's image", f"is for {architecture}, the function for {expected}", "build it again"
        )
