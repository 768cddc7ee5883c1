"""Check the API's function: the account's concurrency, and the size and processor of its image."""

from collections.abc import Iterator

from pipeline.aws import client_errors
from pipeline.aws.access import Aws
from pipeline.aws.client_errors import ClientError
from pipeline.core.platform import Platform
from pipeline.deploy.manifest import Release
from pipeline.deploy.preflight.container_images import OpenRegistry
from render.finding import Finding

# Lambda keeps so much of the account's concurrency without a reservation; of a smaller limit, all of it.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
_UNRESERVED = 100
_QUOTA = "L-B99A9384"  # concurrent executions
_MAX_BYTES = 10 * 2**30
_ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}


def concurrency(aws: Aws, platform: Platform, release: Release) -> Iterator[Finding]:
    """A finding if the account has too little concurrency left for the function's reservation."""
    reservation = release.require_api().reserved_concurrency
    if not reservation:
        return
    client, name = aws.client("lambda"), platform.function_name
    try:
        account = client.get_account_settings()["AccountLimit"]
    except ClientError as error:
        if client_errors.status(error) == 404:  # noqa: PLR2004 - local AWS has no limits
            return
        raise
    try:
        reserved = client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions", 0)
    except client.exceptions.ResourceNotFoundException:
        reserved = 0
    limit = account["ConcurrentExecutions"]
    unreserved = account["UnreservedConcurrentExecutions"] + reserved - reservation
    if unreserved < min(_UNRESERVED, limit):
        message, hint = _too_little(reservation, unreserved, limit), _hint(reservation, unreserved, limit)
        yield Finding("concurrency", message, hint)


def _too_little(reservation: int, unreserved: int, limit: int) -> str:
    return (
        f"api.reserved_concurrency = {reservation} leaves {unreserved} of the account's {limit};"
        f" Lambda keeps {min(_UNRESERVED, limit)} without a reservation"
    )


def _hint(reservation: int, unreserved: int, limit: int) -> str:
    """What can be reserved now, and the request for more."""
    possible = max(0, reservation + unreserved - min(_UNRESERVED, limit))
    quota = max(limit, _UNRESERVED) + reservation
    return (
        f"set it to {possible}{' (none is reserved)' if not possible else ' or less'}, or raise the quota:"
        f" aws service-quotas request-service-quota-increase --service-code lambda"
        f" --quota-code {_QUOTA} --desired-value {quota}"
    )


def package(release: Release, open_registry: OpenRegistry) -> Iterator[Finding]:
    """Findings if the image is too large for Lambda or for another processor."""
    image = release.require_api().image
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
