"""Typed boto3 clients whose refusals read as sentences."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, Self, overload
from urllib.parse import urlsplit

import boto3
from botocore import exceptions
from botocore.config import Config
from botocore.parsers import ResponseParserError

from pipeline.core.errors import TandemError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.awsrequest import AWSResponse
    from botocore.model import OperationModel
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
_LOOPBACK = {"127.0.0.1", "::1"}
_SERVER_ERROR = 500
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_UNKNOWN_KEY = {
    *("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"),
    *("SignatureDoesNotMatch", "AuthFailure", "IncompleteSignature"),
}
_DENIED = {
    *("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"),
    *("UnauthorizedException", "AuthorizationError"),
}
_THROTTLED = {
    *("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"),
    *("SlowDown", "ThrottledException", "ProvisionedThroughputExceededException"),
}
# A throttled *invocation* is an answer about the function, which its caller reads.
_CALLERS_BUSINESS = {"Invoke"}
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_SESSION_LOCK = Lock()
_LOG_IN = "log in again (aws sso login, or renew AWS_ACCESS_KEY_ID and the like) and run the command again"
_AGAIN = "run the same command again; what is done already is not done twice"
_PERMISSION = re.compile(r"perform: ([\w-]+:\w+)")


@dataclass(frozen=True)
class Aws:
    """Access to one region of one account: a value, so that two environments work in one process.

    `endpoint` is the local stack's URL, empty for a real account. Keys are the local stack's; without them
    boto3's usual chain (environment, profile, role) finds the credentials.
    """

    region: str
    endpoint: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)

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
        keys = (environ.get(name, "") if endpoint else "" for name in _KEYS)
        return cls(region, endpoint, *keys)

    def environ(self, parent: Mapping[str, str]) -> dict[str, str]:
        """The environment of `parent` for a child process (Terraform, testinfra), led to the same place.

        For the local stack nothing of a real account's AWS_* variables is left.
        """
        inherited = {
            name: value for name, value in parent.items() if not (self.endpoint and name.startswith("AWS_"))
        }
        return {**inherited, **self.variables()}

    def variables(self) -> dict[str, str]:
        """The AWS_* variables that lead to this account and region."""
        values = {
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            ENDPOINT: self.endpoint,
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
    def client(self, name: Literal["ssm"]) -> SSMClient: ...
    @overload
    def client(self, name: Literal["sts"]) -> STSClient: ...
    def client(self, name: str) -> Any:
        """The boto3 client for service `name`.

        A missing permission, expired credentials and an AWS that does not answer raise TandemError; every
        other refusal stays botocore's ClientError, for the caller to read.
        """
        return _client(self, name, tuple(os.environ.get(key, "") for key in _CHAIN))


_CHAIN = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE")  # other credentials need another session


@lru_cache(maxsize=8)
def _session(aws: Aws, _credentials: tuple[str, ...]) -> boto3.session.Session:
    """One session for all clients: each session reads AWS's endpoints and every service's model itself."""
    return boto3.session.Session(
        region_name=aws.region,
        aws_access_key_id=aws.access_key or None,
        aws_secret_access_key=aws.secret_key or None,
        aws_session_token=aws.session_token or None,
    )


@lru_cache(maxsize=64)
def _client(aws: Aws, name: str, credentials: tuple[str, ...]) -> Any:  # noqa: ANN401 - one of the types above
    config = Config(
        connect_timeout=5,
        read_timeout=65,
        retries={"mode": "standard", "max_attempts": 4},
        s3={"addressing_style": "path"} if aws.endpoint else {},
    )
    with _SESSION_LOCK:  # a session makes one client at a time
        session: Any = _session(aws, credentials)
        client = session.client(name, endpoint_url=aws.endpoint or None, config=config)
    client.meta.events.register("after-call", _on_answer)
    client.meta.events.register("after-call-error", partial(_on_silence, is_local=bool(aws.endpoint)))
    return client


def _on_answer(*, http_response: AWSResponse, parsed: Any, model: OperationModel, **_: object) -> None:  # noqa: ANN401 - JSON
    """Turn refusals that concern who we are, or AWS's own state, into TandemError."""
    error = parsed.get("Error", {}) if isinstance(parsed, dict) else {}
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    action = f"{model.service_model.signing_name}:{model.name}"
    refusal = _refusal(code, message, action)
    if refusal:
        raise refusal
    failed = code in _THROTTLED or http_response.status_code >= _SERVER_ERROR
    if failed and model.name not in _CALLERS_BUSINESS:
        raise TandemError(
            f"AWS did not carry out {action}: {code or http_response.status_code} {message}".rstrip(),
            hint=_AGAIN,
        )


class DeniedError(TandemError):
    """This identity lacks a permission."""


def _refusal(code: str, message: str, action: str) -> TandemError | None:
    if code in _EXPIRED:
        return TandemError(f"AWS refused {action}: the credentials have expired", hint=_LOG_IN)
    if code in _UNKNOWN_KEY:
        return TandemError(f"AWS refused {action}: it does not know these credentials ({code})", hint=_LOG_IN)
    named = _PERMISSION.search(message)
    if code in _DENIED or named:
        return DeniedError(
            f"AWS refused {action}: this identity lacks the permission {named[1] if named else action}"
            + (f" ({message})" if message.isprintable() and message else ""),
            hint="allow it in the role's policy and run the command again",
        )
    return None


def _on_silence(exception: Exception, *, is_local: bool, **_: object) -> None:
    """Turn requests that never got an answer into TandemError."""
    if isinstance(exception, (exceptions.NoCredentialsError, exceptions.PartialCredentialsError)):
        raise TandemError(
            "no AWS credentials were found", hint="aws configure, or set AWS_PROFILE or AWS_ACCESS_KEY_ID"
        ) from exception
    if isinstance(exception, exceptions.TokenRetrievalError | exceptions.SSOTokenLoadError):
        raise TandemError(f"the AWS login is no longer valid: {exception}", hint=_LOG_IN) from exception
    if isinstance(exception, ResponseParserError):
        # A proxy's or load balancer's own error page, or an empty one.
        raise TandemError(f"AWS gave an answer that cannot be read: {exception}", hint=_AGAIN) from exception
    if isinstance(exception, (exceptions.HTTPClientError, exceptions.ConnectionError)):
        raise TandemError(
            f"AWS does not answer: {exception}",
            hint="make up: the local stack seems to be down" if is_local else _AGAIN,
        ) from exception


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Say what was being asked of AWS when it refuses: `what` reads as in "cannot <what>: …"."""
    try:
        yield
    except exceptions.ClientError as error:
        problem = error.response.get("Error", {})
        reason = f"{problem.get('Code', '')} {problem.get('Message', '')}".strip()
        raise TandemError(f"cannot {what}: {reason}") from error
    except exceptions.BotoCoreError as error:
        raise TandemError(f"cannot {what}: {error}") from error
