"""Remember within the control plane itself that a root was applied to it: if it dies, so does the mark."""

import hashlib
from dataclasses import dataclass
from typing import Self

from botocore.exceptions import ClientError

from pipeline.aws import client as aws
from pipeline.core.paths import TERRAFORM
from pipeline.terraform.roots import Terraform


@dataclass(frozen=True)
class Applied:
    """A mark that holds until the root's files, its variables or the control plane change."""

    bucket: str
    key: str
    content: str

    @classmethod
    def of(cls, root: Terraform) -> Self:
        digest = hashlib.sha256()
        files = [*root.root.glob("*.tf"), *(TERRAFORM / "modules").glob("*/*"), *root.var_files]
        for file in sorted(path for path in files if path.is_file()):
            digest.update(file.read_bytes() + b"\0")
        return cls(root.backend["bucket"], f"applied/{root.root.name}", digest.hexdigest())

    def is_set(self) -> bool:
        try:
            found = aws.client("s3").get_object(Bucket=self.bucket, Key=self.key)
        except ClientError:
            return False
        return found["Body"].read().decode() == self.content

    def clear(self) -> None:
        """To be called before anything else is applied: an older mark would outlive it."""
        aws.client("s3").delete_object(Bucket=self.bucket, Key=self.key)

    def set(self) -> None:
        aws.client("s3").put_object(Bucket=self.bucket, Key=self.key, Body=self.content.encode())
