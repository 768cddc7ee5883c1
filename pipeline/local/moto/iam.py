"""IAM enforcement: an assumed role may do what its policies allow, the stack's own key everything."""

import json
from contextlib import suppress
from typing import Any

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import AccessDeniedError, JsonRESTError
from moto.iam.models import iam_backends
from moto.s3.exceptions import S3AccessDeniedError
from moto.sts.models import sts_backends

from pipeline.core.json_text import parse_json
from pipeline.local.moto import iam_requests
from pipeline.local.moto.iam_policy import IamRequest, allowed

_XML = {"cloudformation", "ec2", "elasticloadbalancing", "iam", "monitoring", "sns", "sts"}
_ALWAYS = {"sts:GetCallerIdentity"}


_normal = ActionAuthenticatorMixin._authenticate_and_authorize_normal_action  # noqa: SLF001
_s3 = ActionAuthenticatorMixin._authenticate_and_authorize_s3_action  # noqa: SLF001


def _access_key_and_service(headers: Any) -> tuple[str, str]:  # noqa: ANN401
    """Access key and service, from the signature's `Credential=<key>/<date>/<region>/<service>/…`."""
    scope = str(headers.get("Authorization", "")).partition("Credential=")[2].split(",")[0].split("/")
    return (scope[0], scope[3]) if len(scope) > 3 else ("", "")  # noqa: PLR2004


def _role(account: str, key: str) -> str | None:
    assumed = sts_backends[account]["aws"].assumed_roles
    return next((role.role_arn.rsplit("/", 1)[-1] for role in assumed if role.access_key_id == key), None)


def _found(account: str, role: str) -> Any:  # noqa: ANN401 - a moto object
    """The role of that name; None if there is none, or none any more."""
    return next((each for each in iam_backends[account]["aws"].get_roles() if each.name == role), None)


def _policies(account: str, role: str) -> list[dict[str, Any]]:
    """The inline and the attached policies of a role; none if it was deleted."""
    found = _found(account, role)
    if found is None:
        return []
    attached = [_default_version(policy) for policy in found.managed_policies.values()]
    return [json.loads(document) for document in (*found.policies.values(), *attached)]


def _boundary(account: str, role: str) -> list[dict[str, Any]]:
    """The policy that bounds a role's permissions; it allows everything if there is none."""
    found = _found(account, role)
    arn = found.permissions_boundary_arn if found else ""
    policy = iam_backends[account]["aws"].managed_policies.get(arn or "")
    return [json.loads(_default_version(policy)) if policy else _UNBOUNDED]


_UNBOUNDED = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def _default_version(policy: Any) -> str:  # noqa: ANN401 - a moto object
    return str(next(version.document for version in policy.versions if version.is_default))


def _refused(account: str, key: str, requests: list[IamRequest]) -> tuple[str, IamRequest] | None:
    role = _role(account, key)
    if role is None:
        return None
    policies, boundary = _policies(account, role), _boundary(account, role)
    return next(
        (
            (f"arn:aws:sts::{account}:assumed-role/{role}", request)
            for request in requests
            if request.action not in _ALWAYS
            and not (allowed(policies, request) and allowed(boundary, request))
        ),
        None,
    )


def _authorize(self: Any, resource: str = "*") -> None:  # noqa: ANN401
    key, service = _access_key_and_service(self.headers)
    if not key:
        return
    scope = f"{self.region}:{self.current_account}"
    action, params = self._get_action(), _params(self)
    if action == "AssumeRole":
        _require_role(str(params.get("RoleArn", "")))
    requests = iam_requests.requests_of(service, action, self.path, params, scope)
    refused = _refused(self.current_account, key, requests)
    if refused is None:
        _normal(self, resource)  # moto's own check, which is off unless a test turns it on
        return
    principal, request = refused
    denied = f"{request.action} on resource: {request.resource}"
    if service in _XML:
        raise AccessDeniedError(user_arn=principal, action=denied)
    raise _DeniedError("AccessDeniedException", f"User: {principal} is not authorized to perform: {denied}")


def _require_role(arn: str) -> None:
    """Deny a role that does not exist, as AWS does: it does not tell who exists."""
    *_, account, resource = ["", "", *arn.split(":", 5)]
    if _found(account, resource.rpartition("/")[2]) is None:
        raise AccessDeniedError(user_arn=f"arn:aws:iam::{account}:root", action=f"sts:AssumeRole on {arn}")


class _DeniedError(JsonRESTError):
    code = 403


def _params(response: Any) -> dict[str, Any]:  # noqa: ANN401
    try:
        params: dict[str, Any] = dict(response._get_params())  # noqa: SLF001
    except (AttributeError, TypeError, ValueError):
        params = {}
    body = response.body if isinstance(response.body, str) else ""
    if body.startswith("{"):
        with suppress(ValueError):  # moto itself says that it is no JSON
            params |= parse_json(body)
    return params


def _authorize_s3(self: Any, bucket_name: str | None = None, key_name: str | None = None) -> None:  # noqa: ANN401
    key, _ = _access_key_and_service(self.headers)
    action, (prefix, *_) = str(self.data.get("Action", "")), self.querystring.get("prefix") or [""]
    request = iam_requests.s3_request(self.method, action, bucket_name, key_name, prefix)
    if key and _refused(self.current_account, key, [request]):
        raise S3AccessDeniedError
    _s3(self, bucket_name, key_name)


def patch() -> None:
    mixin: Any = ActionAuthenticatorMixin
    mixin._authenticate_and_authorize_normal_action = _authorize  # noqa: SLF001
    mixin._authenticate_and_authorize_s3_action = _authorize_s3  # noqa: SLF001
