"""The S3 bucket for Terraform's state, which must exist before Terraform runs."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from pipeline.aws.client import Aws, asking
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project

LOCAL_ACCOUNT = "123456789012"
LOCAL_REGION = "eu-central-1"
_PRIVATE = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}
_ENCRYPTED = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}


@dataclass(frozen=True)
class StateBucket:
    """One environment's bucket, with the region and account that it is in."""

    bucket: str
    region: str
    account: str


def state_bucket(aws: Aws, project: Project, environment: str) -> StateBucket:
    """The environment's state bucket; TandemError if the credentials are another account's."""
    settings = project.settings.environments.get(environment)
    region = settings.region if settings else LOCAL_REGION
    account = aws.client("sts").get_caller_identity()["Account"]
    if settings and settings.account_id not in {"", account}:
        raise TandemError(
            f"the credentials belong to account {account}, "
            f"but {environment} is account {settings.account_id}",
            hint=f"use credentials of {settings.account_id}, "
            f"or correct environments.{environment}.account_id",
        )
    return StateBucket(f"{project.settings.name}-{environment}-state-{account}", region, account)


def bootstrap(aws: Aws, project: Project, environment: str) -> StateBucket:
    """Make the state bucket if it is missing: versioned, encrypted, private. Safe to run again.

    Each property is set again on a bucket that exists: an earlier run may have ended between two of them.
    """
    state = state_bucket(aws, project, environment)
    s3 = aws.client("s3")
    if not _exists(aws, state):
        console.info(f"-> making the state bucket {state.bucket}")
        where = {} if state.region == "us-east-1" else {"LocationConstraint": state.region}
        with asking(f"make the state bucket {state.bucket}"):
            extra = {"CreateBucketConfiguration": where} if where else {}
            s3.create_bucket(Bucket=state.bucket, **extra)  # type: ignore[arg-type]
    with asking(f"protect the state bucket {state.bucket}"):
        s3.put_public_access_block(Bucket=state.bucket, PublicAccessBlockConfiguration=_PRIVATE)  # type: ignore[arg-type]
        s3.put_bucket_versioning(Bucket=state.bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_encryption(Bucket=state.bucket, ServerSideEncryptionConfiguration=_ENCRYPTED)  # type: ignore[arg-type]
    return state


def _exists(aws: Aws, state: StateBucket) -> bool:
    try:
        aws.client("s3").head_bucket(Bucket=state.bucket, ExpectedBucketOwner=state.account)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:  # noqa: PLR2004
            return False
        raise TandemError(
            f"cannot use the state bucket {state.bucket}: it belongs to another account, or access is denied",
            hint="change `name` in tandem.toml, or ask the account's administrator for access to the bucket",
        ) from error
    return True
