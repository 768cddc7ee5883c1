"""An ALB's limits and header changes for every request and response, as HAProxy directives."""

from collections.abc import Mapping

from pipeline.local.alb.error_pages import refusal
from pipeline.local.alb.haproxy_quoting import plain, token, word

_LINE = 16 * 1024
_HEADERS = 64 * 1024
_RESPONSE_HEADERS = 32 * 1024
_PEERS = 30
_RESPONSE = "routing.http.response."
_VALUE = ".header_value"
_SERVER = "awselb/2.0"

Attributes = Mapping[str, str]


def limits() -> list[str]:
    """Refuse requests beyond an ALB's limits, before any rule."""
    # The costly search for one long header runs only if all headers together are long enough.
    long_header = f"{{ req.hdrs,length gt {_LINE} }} {{ req.hdrs -m reg '[^\\r\\n]{{{_LINE},}}' }}"
    return [
        refusal(405, "METH_TRACE"),
        refusal(414, f"{{ url,length gt {_LINE} }}"),
        refusal(400, f"{{ req.hdrs,length gt {_HEADERS} }}"),
        refusal(400, long_header),
        refusal(463, f"{{ req.hdr_cnt(x-forwarded-for) gt {_PEERS} }}"),
    ]


def request(attributes: Attributes, port: int) -> list[str]:
    """Set the headers that targets see; after the rules, which compare the client's own headers."""
    out = _dropped(attributes) + _forwarded_for(attributes)
    out += [
        "http-request set-header X-Forwarded-Proto http",
        f"http-request set-header X-Forwarded-Port {port}",
    ]
    return out + _trace()


def _dropped(attributes: Attributes) -> list[str]:
    if attributes.get("routing.http.drop_invalid_header_fields.enabled") != "true":
        return []
    return ["http-request del-header '[^-A-Za-z0-9]' -m reg"]


def _forwarded_for(attributes: Attributes) -> list[str]:
    mode = attributes.get("routing.http.xff_header_processing.mode", "append")
    if mode == "preserve":
        return []
    if mode == "remove":
        return ["http-request del-header X-Forwarded-For"]
    with_port = attributes.get("routing.http.xff_client_port.enabled") == "true"
    peer = "%[src]:%[src_port]" if with_port else "%[src]"
    once = "{ req.fhdr_cnt(x-forwarded-for) eq 1 }"
    return [
        f"http-request set-header X-Forwarded-For '%[req.fhdr(x-forwarded-for)], {peer}' if {once}",
        f"http-request add-header X-Forwarded-For '{peer}' if !{once}",
    ]


def _trace() -> list[str]:
    """X-Amzn-Trace-Id: a new root, or a `Self` field before the client's root."""
    identity = "1-%[date,hex,bytes(8,8),lower]-%[uuid(),regsub(-,,g),bytes(0,24)]"
    has_root = "{ req.fhdr(x-amzn-trace-id) -m sub Root= }"
    return [
        f"http-request set-var-fmt(txn.trace) 'Root={identity}' if !{has_root}",
        f"http-request set-var-fmt(txn.trace) 'Self={identity};%[req.fhdr(x-amzn-trace-id)]' if {has_root}",
        "http-request set-header X-Amzn-Trace-Id %[var(txn.trace)]",
    ]


def response(listener: Attributes) -> list[str]:
    """Headers that the client sees, on answers of targets and of the load attributes alike."""
    not_by_target = "!{ var(txn.answered) -m found }"
    out = [
        "http-response set-var(txn.answered) bool(true)",
        "http-response set-var(txn.target) bool(true) if !{ var(txn.target) -m found }",
        f"http-response deny deny_status 502 if {{ res.hdrs,length gt {_RESPONSE_HEADERS} }}",
        f"http-after-response set-header Server {_SERVER} if {not_by_target}",
        "http-after-response set-header Date %[date,http_date] if !{ res.hdr(date) -m found }",
    ]
    if listener.get(f"{_RESPONSE}server.enabled", "true").lower() == "false":
        out.append("http-after-response del-header Server")
    return out + _set(listener)


def _set(listener: Attributes) -> list[str]:
    values = {
        key.removeprefix(_RESPONSE).removesuffix(_VALUE): value
        for key, value in sorted(listener.items())
        if key.startswith(_RESPONSE) and key.endswith(_VALUE) and value
    }
    return [
        f"http-after-response set-header {word(token(name.replace('_', '-').title()))} {word(plain(value))}"
        for name, value in values.items()
    ]
