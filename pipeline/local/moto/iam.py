"""IAM enforcement: an assumed role may do what its policies allow, the stack's own key everything."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import AccessDeniedError, JsonRESTError
from moto.iam.models import iam_backends
from moto.s3.exceptions import S3AccessDeniedError
from moto.sts.models import sts_backends
from moto.utilities.utils import PARTITION_NAMES, get_partition

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


@dataclass(frozen=True)
class _Role:
    account: str
    partition: str
    name: str

    @property
    def _backend(self) -> Any:  # noqa: ANN401 - a moto object
        return iam_backends[self.account][self.partition]

    def find(self) -> Any:  # noqa: ANN401 - a moto object
        """The role of that name; None if there is none, or none any more."""
        return next((each for each in self._backend.get_roles() if each.name == self.name), None)

    def policies(self) -> list[dict[str, Any]]:
        """The inline and the attached policies; none if the role was deleted."""
        moto_role = self.find()
        if moto_role is None:
            return []
        managed_documents = [_default_version(policy) for policy in moto_role.managed_policies.values()]
        return [json.loads(document) for document in (*moto_role.policies.values(), *managed_documents)]

    def boundary(self) -> list[dict[str, Any]]:
        """The policy that bounds the role's permissions; it allows everything if there is none."""
        moto_role = self.find()
        arn = moto_role.permissions_boundary_arn if moto_role else ""
        policy = self._backend.managed_policies.get(arn or "")
        return [json.loads(_default_version(policy)) if policy else _UNBOUNDED]

    def principal(self) -> str:
        return f"arn:{self.partition}:sts::{self.account}:assumed-role/{self.name}"


def _session_role(account: str, key: str) -> _Role | None:
    """The role that the key is a session of, in whichever partition the session was opened."""
    return next(
        (
            _Role(account, partition, session.role_arn.rsplit("/", 1)[-1])
            for partition, backend in list(sts_backends[account].items())
            for session in list(backend.assumed_roles)
            if session.access_key_id == key
        ),
        None,
    )


_UNBOUNDED = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def _default_version(policy: Any) -> str:  # noqa: ANN401 - a moto object
    return str(next(version.document for version in policy.versions if version.is_default))


def _refused(account: str, key: str, requests: list[IamRequest]) -> tuple[str, IamRequest] | None:
    role = _session_role(account, key)
    if role is None:
        return None
    policies, boundary = role.policies(), role.boundary()
    return next(
        (
            (role.principal(), request)
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
    refusal = _refused(self.current_account, key, requests)
    if refusal is None:
        _normal(self, resource)  # moto's own check, which is off unless a test turns it on
        return
    principal, request = refusal
    denial = f"{request.action} on resource: {request.resource}"
    if service in _XML:
        raise AccessDeniedError(user_arn=principal, action=denial)
    raise _DeniedError("AccessDeniedException", f"User: {principal} is not authorized to perform: {denial}")


def _require_role(arn: str) -> None:
    """Deny a role that does not exist, as AWS does: it does not tell who exists."""
    *_, partition, _, _, account, resource = ["", "", "", "", *arn.split(":", 5)]
    role = _Role(account, partition, resource.rpartition("/")[2])
    if partition not in PARTITION_NAMES or not role.find():
        caller = f"arn:{partition}:iam::{account}:root"
        raise AccessDeniedError(user_arn=caller, action=f"sts:AssumeRole on {arn}")


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
    bucket_arn = f"arn:{get_partition(self.region)}:s3:::{bucket_name}" if bucket_name else ""
    request = iam_requests.s3_request(self.method, action, bucket_arn, key_name, prefix)
    if key and _refused(self.current_account, key, [request]):
        raise S3AccessDeniedError
    _s3(self, bucket_name, key_name)


def patch() -> None:
    mixin: Any = ActionAuthenticatorMixin
    mixin._authenticate_and_authorize_normal_action = _authorize  # noqa: SLF001
    mixin._authenticate_and_authorize_s3_action = _authorize_s3  # noqa: SLF001
