"""AWS's errors: read their code and status, and turn those that a user can fix into TandemError."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore import exceptions
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from pipeline.core.errors import TandemError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.awsrequest import AWSResponse
    from botocore.model import OperationModel

__all__ = [
    "ClientError",
    "DeniedError",
    "code",
    "explain_errors",
    "reason",
    "status",
    "translate_no_response",
    "translate_response",
]

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
# A throttled or failed *invocation* concerns the function, and its caller handles it.
_HANDLED_BY_CALLER = {"Invoke"}
_LOG_IN = "log in again (aws sso login, or renew AWS_ACCESS_KEY_ID and the like) and run the command again"
_RUN_AGAIN = "run the same command again; what is done already is not done twice"
_PERMISSION = re.compile(r"perform: ([\w-]+:\w+)")


class DeniedError(TandemError):
    """The caller's identity lacks a permission."""


def code(error: ClientError) -> str:
    """The error's code, such as `NoSuchKey`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def reason(error: ClientError) -> str:
    """The error's code and message, for a sentence."""
    return f"{code(error)} {error.response.get('Error', {}).get('Message', '')}".strip()


def status(error: ClientError) -> int:
    """The HTTP status of the response; 0 if it has none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


@contextmanager
def explain_errors(action: str) -> Iterator[None]:
    """Turn every error of botocore in the block into TandemError: "cannot <action>: <reason>"."""
    try:
        yield
    except ClientError as error:
        raise TandemError(f"cannot {action}: {reason(error)}") from error
    except exceptions.BotoCoreError as error:
        raise TandemError(f"cannot {action}: {error}") from error


def translate_response(
    *,
    http_response: AWSResponse,
    parsed: Any,  # noqa: ANN401 - JSON
    model: OperationModel,
    **_: object,
) -> None:
    """Handle botocore's `after-call`.

    Raises:
        TandemError: AWS refused the credentials or the permission, throttled the request, or failed itself.
    """
    error = parsed.get("Error", {}) if isinstance(parsed, dict) else {}
    error_code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    action = f"{model.service_model.signing_name}:{model.name}"
    refusal = _credentials_error(error_code, message, action)
    if refusal:
        raise refusal
    is_failure = error_code in _THROTTLED or http_response.status_code >= _SERVER_ERROR
    if is_failure and model.name not in _HANDLED_BY_CALLER:
        raise TandemError(
            f"AWS did not carry out {action}: {error_code or http_response.status_code} {message}".rstrip(),
            hint=_RUN_AGAIN,
        )


def _credentials_error(error_code: str, message: str, action: str) -> TandemError | None:
    """The error to raise if AWS refused the credentials or the permission; else None."""
    if error_code in _EXPIRED:
        return TandemError(f"AWS refused {action}: the credentials have expired", hint=_LOG_IN)
    if error_code in _UNKNOWN_KEY:
        return TandemError(
            f"AWS refused {action}: it does not know these credentials ({error_code})", hint=_LOG_IN
        )
    permission = _PERMISSION.search(message)
    if error_code in _DENIED or permission:
        return DeniedError(
            f"AWS refused {action}: this identity lacks the permission "
            f"{permission[1] if permission else action}"
            + (f" ({message})" if message.isprintable() and message else ""),
            hint="allow it in the role's policy and run the command again",
        )
    return None


def translate_no_response(exception: Exception, *, is_local: bool, **_: object) -> None:
    """Handle botocore's `after-call-error`: the request got no readable response.

    Raises:
        TandemError: credentials are missing, the AWS login is over, or AWS does not answer.
    """
    if isinstance(exception, (exceptions.NoCredentialsError, exceptions.PartialCredentialsError)):
        raise TandemError(
            "no AWS credentials were found", hint="aws configure, or set AWS_PROFILE or AWS_ACCESS_KEY_ID"
        ) from exception
    if isinstance(exception, exceptions.TokenRetrievalError | exceptions.SSOTokenLoadError):
        raise TandemError(f"the AWS login is no longer valid: {exception}", hint=_LOG_IN) from exception
    if isinstance(exception, ResponseParserError):
        # A proxy or a load balancer in front of AWS sent its own error page, or an empty one.
        raise TandemError(
            f"AWS gave an answer that cannot be read: {exception}", hint=_RUN_AGAIN
        ) from exception
    if isinstance(exception, (exceptions.HTTPClientError, exceptions.ConnectionError)):
        raise TandemError(
            f"AWS does not answer: {exception}",
            hint="make up: the local stack seems to be down" if is_local else _RUN_AGAIN,
        ) from exception
