"""A marker inside the local AWS that a root was applied to it: it vanishes with that AWS."""

import hashlib
from dataclasses import dataclass
from typing import Self

from pipeline.aws.client import Aws
from pipeline.aws.errors import ClientError
from pipeline.core.paths import TERRAFORM
from pipeline.terraform.roots import TerraformRoot


@dataclass(frozen=True)
class AppliedMarker:
    """A mark that holds until the root's files, its variables or the control plane change."""

    aws: Aws
    bucket: str
    key: str
    content: str

    @classmethod
    def of(cls, aws: Aws, root: TerraformRoot) -> Self:
        aws.require_local()
        digest = hashlib.sha256()
        files = [*root.folder.glob("*.tf"), *(TERRAFORM / "modules").glob("*/*"), *root.var_files]
        for file in sorted(path for path in files if path.is_file()):
            digest.update(file.read_bytes() + b"\0")
        return cls(aws, root.backend["bucket"], f"applied/{root.folder.name}", digest.hexdigest())

    def is_set(self) -> bool:
        try:
            stored = self.aws.client("s3").get_object(Bucket=self.bucket, Key=self.key)
        except ClientError:
            return False
        return stored["Body"].read().decode() == self.content

    def clear(self) -> None:
        """To be called before anything else is applied: an older mark would outlive it."""
        self.aws.client("s3").delete_object(Bucket=self.bucket, Key=self.key)

    def set(self) -> None:
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=self.key, Body=self.content.encode())
