"""IAM's quotas of a role: the sizes of its policies, and how many are attached to it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from collections.abc import Callable
from typing import Any

from moto.iam.exceptions import LimitExceededException
from moto.iam.models import IAMBackend

_INLINE, _MANAGED, _TRUST, _ATTACHED = 10_240, 6_144, 2_048, 10
Backend = Any
Wrapped = Callable[..., Any]


def _size(document: str) -> int:
    """The characters that IAM counts: all but white space."""
    return len("".join(document.split()))


def _require(fits: bool, quota: str) -> None:  # noqa: FBT001 - the condition comes first, as in assert
    if not fits:
        raise LimitExceededException(f"Cannot exceed quota for {quota}")


def _putting(put: Wrapped) -> Wrapped:
    def put_role_policy(self: Backend, role_name: str, policy_name: str, policy_json: str) -> None:
        policies = {**self.get_role(role_name).policies, policy_name: policy_json}
        if sum(map(_size, policies.values())) > _INLINE:
            raise LimitExceededException(
                f"Maximum policy size of {_INLINE} bytes exceeded for role {role_name}"
            )
        put(self, role_name, policy_name, policy_json)

    return put_role_policy


def _with_size(call: Wrapped, parameter: str, quota: str, size: int) -> Wrapped:
    """The call, which refuses a document in this parameter that is larger than `size`."""

    def checked(self: Backend, *rest: Any, **keywords: Any) -> Any:  # noqa: ANN401 - of moto
        document = keywords.get(parameter) or rest[_POSITIONS[call.__name__]]
        _require(_size(document) <= size, f"{quota}: {size}")
        return call(self, *rest, **keywords)

    checked.__name__ = call.__name__
    return checked


_POSITIONS = {
    "create_role": 1,
    "update_assume_role_policy": 1,
    "create_policy": 2,
    "create_policy_version": 1,
}


def _attaching(attach: Wrapped) -> Wrapped:
    def attach_role_policy(self: Backend, policy_arn: str, role_name: str) -> None:
        policy_arns = {*self.get_role(role_name).managed_policies, policy_arn}
        _require(len(policy_arns) <= _ATTACHED, f"PoliciesPerRole: {_ATTACHED}")
        attach(self, policy_arn, role_name)

    return attach_role_policy


def patch() -> None:
    backend: Any = IAMBackend
    backend.put_role_policy = _putting(backend.put_role_policy)
    backend.attach_role_policy = _attaching(backend.attach_role_policy)
    for name in ("create_policy", "create_policy_version"):
        call = getattr(backend, name)
        setattr(backend, name, _with_size(call, "policy_document", "PolicySize", _MANAGED))
    for name, parameter in {
        "create_role": "assume_role_policy_document",
        "update_assume_role_policy": "policy_document",
    }.items():
        call = getattr(backend, name)
        setattr(backend, name, _with_size(call, parameter, "ACLSizePerRole", _TRUST))
