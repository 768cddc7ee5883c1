"""The API of a release, as its manifest has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from pipeline.core.json_text import require_text, typed
from pipeline.core.values import ImageRef


@dataclass(frozen=True)
class ApiSpec:
    """The Lambda function behind the API's path. `secrets` maps names to ARNs, never to values.

    `handler` is empty if the image's own command starts the function.
    """

    image: ImageRef
    handler: str
    memory: int
    timeout: int
    reserved_concurrency: int
    path: str
    environment: Mapping[str, str] = field(default_factory=dict)
    # ARNs of files in S3; a list, as in the manifest's JSON, which is compared.
    environment_files: Sequence[str] = field(default_factory=list)
    secrets: Mapping[str, str] = field(default_factory=dict)
    # The versions of the secrets when the release was composed: a new version changes the function.
    secret_versions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Read the JSON values of a manifest.

        Raises:
            ValueError, KeyError, TypeError, AttributeError, TandemError: they are damaged.
        """
        names = ("environment", "secrets", "secret_versions")
        others: dict[str, object] = {name: texts(values[name]) for name in names if name in values}
        if "environment_files" in values:
            others["environment_files"] = [require_text(arn) for arn in values["environment_files"]]
        return cls(**typed(cls, values, image=ImageRef.parse(values["image"]), **others))


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    """A JSON object whose values are texts; ValueError or TypeError if one is not."""
    return {name: require_text(value) for name, value in values.items()}
