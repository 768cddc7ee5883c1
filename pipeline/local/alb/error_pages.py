"""The load balancer's own error pages, for requests that no target answers."""

from pipeline.local.alb.haproxy_quoting import word

_NAMES = {
    400: "Bad Request",
    405: "Not Allowed",
    408: "Request Time-out",
    413: "Request Entity Too Large",
    414: "Request-URI Too Large",
    463: "",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
# Statuses that HAProxy answers with by itself.
_OWN = (400, 408, 500, 502, 503, 504)


def page(status: int) -> str:
    """An ALB's HTML page for one status."""
    title = f"{status} {_NAMES[status]}".strip()
    lines = ("<html>", f"<head><title>{title}</title></head>", "<body>")
    return "\r\n".join((*lines, f"<center><h1>{title}</h1></center>", "</body>", "</html>", ""))


def refusal(status: int, condition: str) -> str:
    """HAProxy's directive that answers requests with the page for `status` if `condition` is met."""
    return f"http-request return status {status} {_content(status)} if {condition}"


def error(status: int, instead_of: int | None = None) -> str:
    """HAProxy's directive that answers with the page for `status` instead of `instead_of`, or of `status`."""
    code = instead_of or status
    return f"http-error status {code} {_content(status)}"


def _content(status: int) -> str:
    return f"content-type text/html string {word(page(status))}"


def errors() -> list[str]:
    """HAProxy's directives for the pages of all its own statuses."""
    return [error(status) for status in _OWN]
