"""ELBv2's constraints on parameters: what AWS refuses with a ValidationError, and moto accepts.

Much of it ends up in HAProxy's configuration. Sources: the API reference, and its model in botocore.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.local.moto.elbv2_attributes import attribute_problem
from pipeline.local.moto.parameter_values import TOKEN, Accepts, either, excerpt, number, text

Params = Mapping[str, Any]
_PORT = number(1, 65535)
_NAME = text(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
# Letters of the text are any but control characters and lone surrogates, which XML cannot carry either.
_BODY = text(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]{0,1024}")
_CONTENT_TYPES = text(r"text/(?:plain|css|html)|application/(?:javascript|json)|")


def _is_matcher(value: str) -> bool:
    """`200`, `200-299` or `200,202`, all from 200 to 499."""
    if not re.fullmatch(r"[2-4][0-9]{2}(?:-[2-4][0-9]{2})?(?:,[2-4][0-9]{2}(?:-[2-4][0-9]{2})?)*", value):
        return False
    ranges = (part.partition("-") for part in value.split(","))
    return all(int(low) <= int(high or low) for low, _, high in ranges)


_PARAMETERS: Mapping[str, Accepts] = {
    "Name": _NAME,
    "Port": either(_PORT, text("")),
    "Priority": number(1, 50000),
    "HealthCheckPath": text(r"/[!-~]{0,1023}"),
    "HealthCheckPort": either(_PORT, text("traffic-port")),
    "HealthCheckProtocol": text("HTTP|HTTPS|TCP|TLS|UDP|TCP_UDP|GENEVE"),
    "HealthCheckIntervalSeconds": number(5, 300),
    "HealthCheckTimeoutSeconds": number(2, 120),
    "HealthyThresholdCount": number(2, 10),
    "UnhealthyThresholdCount": number(2, 10),
    "Matcher.HttpCode": _is_matcher,
    "ForwardConfig.TargetGroups.Weight": number(0, 999),
    "ForwardConfig.TargetGroupStickinessConfig.DurationSeconds": number(1, 604800),
    "RedirectConfig.Protocol": text(r"HTTPS?|#\{protocol\}"),
    "RedirectConfig.Port": either(_PORT, text(r"#\{port\}")),
    "RedirectConfig.Host": text(r"[A-Za-z0-9.\-_#{}]{1,128}"),
    "RedirectConfig.Path": text(r"/[!-~]{0,127}"),
    "RedirectConfig.Query": text(r"[!-~]{0,128}"),
    "RedirectConfig.StatusCode": text("HTTP_30[12]"),
    "FixedResponseConfig.StatusCode": text("[245][0-9]{2}"),
    "FixedResponseConfig.ContentType": _CONTENT_TYPES,
    "FixedResponseConfig.MessageBody": _BODY,
}
"""By the end of a parameter's path, whose list positions are left out."""

_ANY_TEXT = text(r"[ -~]{1,128}")


def _is_network(value: str) -> bool:
    try:
        return "/" in value and bool(ipaddress.ip_network(value, strict=False))
    except ValueError:
        return False


_CONDITIONS: Mapping[str, tuple[str, Accepts]] = {
    "host-header": ("HostHeaderConfig", text(r"[A-Za-z0-9.*?\-]{1,128}")),
    "path-pattern": ("PathPatternConfig", text(r"[!-~]{1,128}")),
    "http-header": ("HttpHeaderConfig", _ANY_TEXT),
    "http-request-method": ("HttpRequestMethodConfig", text(r"[A-Z_\-]{1,40}")),
    "query-string": ("QueryStringConfig", _ANY_TEXT),
    "source-ip": ("SourceIpConfig", _is_network),
}
_HEADER_NAME = text(rf"(?={TOKEN}$).{{1,40}}")


def find_problem(params: Params) -> str:
    """Why AWS refuses a call with these parameters; empty if it accepts them."""
    return next(_problems(params), "")


def target_problem(target_type: str, identifier: str) -> str:
    """Why a target group of this type takes no such target; empty if it does."""
    if not _TARGETS.get(target_type, text(r"[!-~]{1,512}"))(identifier):
        return f"The target {excerpt(identifier)} is not valid for a target group of type '{target_type}'"
    return ""


def _is_address(value: str) -> bool:
    try:
        return "%" not in value and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


_TARGETS: Mapping[str, Accepts] = {
    "ip": _is_address,
    "instance": text("i-[0-9a-f]{8,17}"),
    "lambda": text(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_:$-]{1,170}"),
}


def _problems(params: Params) -> Iterator[str]:
    for condition in params.get("Conditions") or ():
        yield from _condition_problems(condition)
    for attribute in params.get("Attributes") or ():
        yield from attribute_problem(str(attribute.get("Key", "")), str(attribute.get("Value") or ""))
    for target in params.get("Targets") or ():
        if not _PORT(str(target.get("Port") or 1)):
            yield f"The port {excerpt(target['Port'])} of a target must be from 1 to 65535"
    rest = {key: value for key, value in params.items() if key not in _BY_THEMSELVES}
    for path, value in _leaves("", rest):
        accepts = next((_PARAMETERS[end] for end in _ends(path) if end in _PARAMETERS), None)
        if accepts and not accepts(value):
            yield f"The value {excerpt(value)} of '{path}' is not valid"


_BY_THEMSELVES = ("Conditions", "Attributes", "Targets", "Tags", "Certificates", "AlternateContacts")


def _condition_problems(condition: Params) -> Iterator[str]:
    field = str(condition.get("Field", ""))
    if field not in _CONDITIONS:
        return  # moto's own error
    name, accepts = _CONDITIONS[field]
    config = condition.get(name) or {}
    if field == "http-header" and not _HEADER_NAME(str(config.get("HttpHeaderName", ""))):
        yield f"The header name {excerpt(config.get('HttpHeaderName'))} of a condition is not valid"
    for value in [*(config.get("Values") or ()), *(condition.get("Values") or ())]:
        pair = value if isinstance(value, Mapping) else {"Value": value}
        if not all(accepts(str(part)) for part in pair.values() if part not in {None, ""}):
            yield f"The value {excerpt(value)} of a '{field}' condition is not valid"


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    """Each plain value with its path."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(path, item)
    elif value is not None:
        yield path, str(value)


def _ends(path: str) -> Iterator[str]:
    """The path, and what is left of it without its first parts."""
    parts = path.split(".")
    return (".".join(parts[at:]) for at in range(len(parts)))
