"""Let botocore and moto find out once what is the same in every call: a call then costs half.

A call sends and gets what it otherwise would, but for the header that names botocore and, with moto in
this process, the signature, which nobody reads there.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.useragent import UserAgentString
from moto.core import models, responses
from moto.core.base_backend import BaseBackend
from moto.core.serialize import AttributePicker, AttributePickerContext, XFormedAttributePicker


@cache
def remember() -> None:
    """Keep each service's methods and addresses, the places of an answer's values, and the user agent."""
    _remember_methods()
    _remember_addresses()
    for picker in (AttributePicker, XFormedAttributePicker):
        _remember_places(picker)
    UserAgentString.to_string = lambda _: "Boto3"  # type: ignore[method-assign]
    models.RESPONSES_METHODS.clear()  # 1,300 patterns for a library of HTTP that botocore does not use


def do_not_sign(patch: pytest.MonkeyPatch) -> None:
    """Send a signature that signs nothing."""
    patch.setattr(SigV4Auth, "canonical_request", lambda *_: "")
    patch.setattr(SigV4Auth, "signature", lambda *_: "0" * 64)


def _remember_methods() -> None:
    responses.method_names_from_class = cache(responses.method_names_from_class)


def _remember_addresses() -> None:
    find: Any = BaseBackend.urls.fget  # type: ignore[attr-defined]
    known: dict[type[BaseBackend], Any] = {}

    def urls(backend: BaseBackend) -> Any:
        kind = type(backend)
        if kind not in known:
            known[kind] = find(backend)
        return known[kind]

    BaseBackend.urls = property(urls)  # type: ignore[assignment, method-assign]


def _remember_places(picker: type[AttributePicker]) -> None:
    """Where a value may be depends on its name and shape in the service's model, and the object's class."""
    find = picker.get_possible_keys
    known: dict[tuple[Any, ...], list[str]] = {}

    def possible_keys(self: AttributePicker, context: AttributePickerContext) -> Iterator[str]:
        where = (type(self), context.key, context.shape, type(context.obj))
        if where not in known:
            known[where] = list(find(self, context))
        return iter(known[where])

    picker.get_possible_keys = possible_keys  # type: ignore[assignment, method-assign]
