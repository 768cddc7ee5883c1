"""The S3 bucket for Terraform's state, which must exist before Terraform runs."""

import json
from dataclasses import dataclass
from typing import Any

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import ClientError, explain_errors, status
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
_OLD_STATES = {
    "ID": "old-states",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 90, "NewerNoncurrentVersions": 20},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}
_ENCRYPTED = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}


@dataclass(frozen=True)
class StateBucket:
    """The name of an environment's state bucket, and its region and account."""

    bucket: str
    region: str
    account: str


def state_bucket(aws: Aws, project: Project, environment: str) -> StateBucket:
    """The environment's state bucket; TandemError if the credentials belong to another account."""
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
    return StateBucket(bucket_name(project.settings.name, environment, account), region, account)


def bucket_name(name: str, environment: str, account: str) -> str:
    """The name of the state bucket of an environment of the project `name`."""
    return f"{name}-{environment}-state-{account}"


def bootstrap(aws: Aws, project: Project, environment: str) -> StateBucket:
    """Create the state bucket if it is missing: versioned, encrypted, private, TLS only. Safe to run again.

    Old states are deleted 90 days after they were replaced, but the last 20 stay.
    The properties of an existing bucket are set again: an earlier run may have been killed between two calls.

    Raises:
        TandemError: the credentials or the bucket belong to another account, or AWS refuses.
    """
    state = state_bucket(aws, project, environment)
    s3 = aws.client("s3")
    if not _exists(aws, state):
        console.info(f"-> creating the state bucket {state.bucket}")
        location = {} if state.region == "us-east-1" else {"LocationConstraint": state.region}
        with explain_errors(f"create the state bucket {state.bucket}"):
            extra = {"CreateBucketConfiguration": location} if location else {}
            s3.create_bucket(Bucket=state.bucket, **extra)  # type: ignore[arg-type]
    with explain_errors(f"protect the state bucket {state.bucket}"):
        s3.put_public_access_block(Bucket=state.bucket, PublicAccessBlockConfiguration=_PRIVATE)  # type: ignore[arg-type]
        s3.put_bucket_versioning(Bucket=state.bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_encryption(Bucket=state.bucket, ServerSideEncryptionConfiguration=_ENCRYPTED)  # type: ignore[arg-type]
        s3.put_bucket_lifecycle_configuration(
            Bucket=state.bucket,
            LifecycleConfiguration={"Rules": [_OLD_STATES]},  # type: ignore[list-item]
        )
        if not aws.endpoint:  # the local AWS speaks plain HTTP on loopback
            s3.put_bucket_policy(Bucket=state.bucket, Policy=json.dumps(tls_policy(state)))
    return state


def tls_policy(state: StateBucket) -> dict[str, Any]:
    """The bucket policy that refuses requests without TLS."""
    partition = "aws-cn" if state.region.startswith("cn-") else "aws"
    partition = "aws-us-gov" if state.region.startswith("us-gov-") else partition
    arn = f"arn:{partition}:s3:::{state.bucket}"
    statement = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def object_version(aws: Aws, bucket: str, key: str) -> str:
    """A text that names the present object at `key`; empty if there is none, or AWS does not say."""
    try:
        head = aws.client("s3").head_object(Bucket=bucket, Key=key)
    except (ClientError, TandemError):
        return ""
    return f"{head['ETag']} {head.get('VersionId', '')} {head['LastModified'].isoformat()}"


def _exists(aws: Aws, state: StateBucket) -> bool:
    try:
        aws.client("s3").head_bucket(Bucket=state.bucket, ExpectedBucketOwner=state.account)
    except ClientError as error:
        if status(error) == 404:  # noqa: PLR2004
            return False
        raise TandemError(
            f"cannot use the state bucket {state.bucket}: it belongs to another account, or access is denied",
            hint="change `name` in tandem.toml, or ask the account's administrator for access to the bucket",
        ) from error
    return True
