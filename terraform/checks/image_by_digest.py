"""Check that images are named by digest: a tag can point to another image later."""

import re
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.dockerfile.base_dockerfile_check import BaseDockerfileCheck
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
_REFERENCE = re.compile(r"^\$?\{?(var|local|each|module)\b")


def by_digest(image: str) -> bool:
    """Whether an image names a digest, or is a variable, whose validation requires one."""
    return bool(_DIGEST.search(image) or _REFERENCE.match(image))


class ImageByDigest(BaseResourceCheck):
    """The images of functions and task definitions."""

    def __init__(self) -> None:
        super().__init__(
            name="Ensure images are named by digest",
            id="CKV_TANDEM_1",
            categories=[CheckCategories.SUPPLY_CHAIN],
            supported_resources=["aws_ecs_task_definition", "aws_lambda_function"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        images = [*conf.get("image_uri", []), *_containers(conf.get("container_definitions"))]
        return CheckResult.PASSED if all(by_digest(str(image)) for image in images) else CheckResult.FAILED


def _containers(definitions: Any) -> list[str]:  # noqa: ANN401
    """The images of container definitions, which are JSON text, a list, or a list of either."""
    if isinstance(definitions, str):
        return re.findall(r'"image"\s*:\s*"([^"]+)"', definitions)
    if isinstance(definitions, dict):
        return [str(definitions["image"])] if "image" in definitions else []
    return [image for part in definitions or [] for image in _containers(part)]


class BaseByDigest(BaseDockerfileCheck):
    """The base images of Dockerfiles: a digest, or a build argument that the pipeline sets."""

    def __init__(self) -> None:
        super().__init__(
            name="Ensure base images are named by digest or set by the pipeline",
            id="CKV_TANDEM_2",
            categories=[CheckCategories.SUPPLY_CHAIN],
            supported_instructions=["FROM"],
        )

    def scan_resource_conf(
        self, conf: list[dict[str, Any]]
    ) -> tuple[CheckResult, list[dict[str, Any]] | None]:
        named = [re.search(r"\bas\s+(\S+)", line["value"].lower()) for line in conf]
        stages = {match[1] for match in named if match}
        for line in conf:
            base = next(word for word in line["value"].split() if not word.startswith("--"))
            if not (
                base.startswith("$") or base == "scratch" or base.lower() in stages or _DIGEST.search(base)
            ):
                return CheckResult.FAILED, [line]
        return CheckResult.PASSED, None


terraform_check = ImageByDigest()
dockerfile_check = BaseByDigest()
