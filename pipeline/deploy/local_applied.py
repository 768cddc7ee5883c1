"""A marker in the local AWS that a root was applied to it; it is lost together with that AWS."""

import hashlib
from dataclasses import dataclass
from typing import Self

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import ClientError
from pipeline.core.paths import TERRAFORM
from pipeline.terraform.root import TerraformRoot


@dataclass(frozen=True)
class AppliedMarker:
    """An S3 object whose content is a digest of the root's files and variables."""

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
        """Whether the root was applied as it is now."""
        try:
            answer = self.aws.client("s3").get_object(Bucket=self.bucket, Key=self.key)
        except ClientError:
            return False
        return answer["Body"].read().decode() == self.content

    def clear(self) -> None:
        """Delete the marker; call this before each apply, which may fail midway."""
        self.aws.client("s3").delete_object(Bucket=self.bucket, Key=self.key)

    def set(self) -> None:
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=self.key, Body=self.content.encode())
