"""The door to AWS: access to one account and region, and its typed boto3 clients."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, Self, overload
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from pipeline.aws.client_errors import translate_no_response, translate_response
from pipeline.aws.endpoints import is_of_aws
from pipeline.core.errors import TandemError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_acm import ACMClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

ENDPOINT = "AWS_ENDPOINT_URL"
_FILE = "AWS_SHARED_CREDENTIALS_FILE"
_LOOPBACK = {"127.0.0.1", "::1"}
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_NO_PROFILE = {"profile": (None, None, None, None), "config_file": (None, None, os.devnull, None)}
_CHAIN = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE")  # sessions and clients are cached by these
_SESSION_LOCK = Lock()


@dataclass(frozen=True)
class Aws:
    """Access to one region of one account: a value, so that two environments work in one process.

    `endpoint` is the URL of the local stack, and empty for a real account. The three keys, and the file that
    holds them for commands that are shown to the user, are set for the local stack only; without them boto3
    looks for credentials in its usual order (environment, profile, role).
    """

    region: str
    endpoint: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    credentials_file: str = ""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the AWS_* variables.

        Raises:
            TandemError: no region is set.
        """
        region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
        if not region:
            raise TandemError("no AWS region is set", hint="set AWS_REGION, for example to eu-central-1")
        endpoint = environ.get(ENDPOINT, "")
        keys = (environ.get(name, "") if endpoint else "" for name in (*_KEYS, _FILE))
        return cls(region, endpoint, *keys)

    def environ(self, parent: Mapping[str, str]) -> dict[str, str]:
        """`parent` (environment variables) for a child process that uses the same AWS: Terraform, testinfra.

        For the local stack every AWS_* variable of `parent` is removed first: they belong to a real account.
        """
        inherited = {
            name: value for name, value in parent.items() if not (self.endpoint and name.startswith("AWS_"))
        }
        return {**inherited, **self.variables()}

    def variables(self) -> dict[str, str]:
        """The AWS_* variables of this account and region."""
        values = {
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            ENDPOINT: self.endpoint,
            _FILE: self.credentials_file,
            **dict(zip(_KEYS, (self.access_key, self.secret_key, self.session_token), strict=True)),
            "AWS_EC2_METADATA_DISABLED": "true" if self.endpoint else "",
        }
        return {name: value for name, value in values.items() if value}

    def require_local(self) -> None:
        """Refuse to act on a real account.

        Raises:
            TandemError: the endpoint is not on loopback.
        """
        if urlsplit(self.endpoint).hostname not in _LOOPBACK:
            where = self.endpoint or "not set"
            raise TandemError(
                f"refusing to run: {ENDPOINT} is {where}, so this would reach a real AWS account",
                hint="make up, then run the command with ENV=local",
            )

    @overload
    def client(self, name: Literal["acm"]) -> ACMClient: ...
    @overload
    def client(self, name: Literal["application-autoscaling"]) -> Any: ...  # noqa: ANN401 - no types of it are installed
    @overload
    def client(self, name: Literal["cloudwatch"]) -> CloudWatchClient: ...
    @overload
    def client(self, name: Literal["dynamodb"]) -> DynamoDBClient: ...
    @overload
    def client(self, name: Literal["ec2"]) -> EC2Client: ...
    @overload
    def client(self, name: Literal["ecr"]) -> ECRClient: ...
    @overload
    def client(self, name: Literal["ecs"]) -> ECSClient: ...
    @overload
    def client(self, name: Literal["elbv2"]) -> ElasticLoadBalancingv2Client: ...
    @overload
    def client(self, name: Literal["iam"]) -> IAMClient: ...
    @overload
    def client(self, name: Literal["lambda"]) -> LambdaClient: ...
    @overload
    def client(self, name: Literal["logs"]) -> CloudWatchLogsClient: ...
    @overload
    def client(self, name: Literal["s3"]) -> S3Client: ...
    @overload
    def client(self, name: Literal["secretsmanager"]) -> SecretsManagerClient: ...
    @overload
    def client(self, name: Literal["service-quotas"]) -> Any: ...  # noqa: ANN401 - no types of it are installed
    @overload
    def client(self, name: Literal["ssm"]) -> SSMClient: ...
    @overload
    def client(self, name: Literal["sts"]) -> STSClient: ...
    def client(self, name: str) -> Any:
        """The boto3 client for service `name`.

        Its calls raise TandemError for a missing permission, for expired credentials, and if AWS does not
        answer. Every other error stays botocore's ClientError, which the caller handles.
        """
        return _client(self, name, tuple(os.environ.get(key, "") for key in _CHAIN))

    def quick_s3(self) -> S3Client:
        """S3 for requests that their caller repeats itself: each fails after 5 s without an answer."""
        client: S3Client = _client(
            self, "s3", tuple(os.environ.get(key, "") for key in _CHAIN), is_quick=True
        )
        return client


@lru_cache(maxsize=8)
def _session(aws: Aws, _credentials: tuple[str, ...]) -> boto3.session.Session:
    """One session for all clients: a new session would read AWS's endpoints and service models again.

    Clients of the local stack take nothing from the user's profiles: a profile names another account, may not
    exist on this machine, and may lead elsewhere.
    """
    own = botocore.session.Session(session_vars=_NO_PROFILE) if aws.endpoint else None
    return boto3.session.Session(
        botocore_session=own,
        region_name=aws.region,
        aws_access_key_id=aws.access_key or None,
        aws_secret_access_key=aws.secret_key or None,
        aws_session_token=aws.session_token or None,
    )


def _new_client(aws: Aws, name: str, credentials: tuple[str, ...], config: Config) -> Any:  # noqa: ANN401 - one of the types above
    try:
        session: Any = _session(aws, credentials)
        client = session.client(name, endpoint_url=aws.endpoint or None, config=config)
    except BotoCoreError as error:  # such as a profile that does not exist
        raise TandemError(
            f"AWS's {name} cannot be used: {error}", hint="aws configure list, then correct AWS_PROFILE"
        ) from error
    if not aws.endpoint and not is_of_aws(client.meta.endpoint_url):
        raise TandemError(
            f"refusing to run: AWS's {name} is {client.meta.endpoint_url}, which is not AWS",
            hint=f"remove endpoint_url from the profile in ~/.aws/config, and unset {ENDPOINT}",
        )
    return client


@lru_cache(maxsize=64)
def _client(aws: Aws, name: str, credentials: tuple[str, ...], *, is_quick: bool = False) -> Any:  # noqa: ANN401 - one of the types above
    config = Config(
        connect_timeout=5,
        read_timeout=5 if is_quick else 65,
        retries={"mode": "standard", "total_max_attempts": 1 if is_quick else 5},
        s3={"addressing_style": "path"} if aws.endpoint else {},
    )
    with _SESSION_LOCK:  # a session makes one client at a time
        client = _new_client(aws, name, credentials, config)
    client.meta.events.register("after-call", translate_response)
    client.meta.events.register(
        "after-call-error", partial(translate_no_response, is_local=bool(aws.endpoint))
    )
    return client
