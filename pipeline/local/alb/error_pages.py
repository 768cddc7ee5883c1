"""What the load balancer itself says when no target answers."""

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
# Codes that HAProxy answers with on its own.
_OWN = (400, 408, 500, 502, 503, 504)


def page(status: int) -> str:
    """The page for one status, as an ALB words it."""
    title = f"{status} {_NAMES[status]}".strip()
    lines = ("<html>", f"<head><title>{title}</title></head>", "<body>")
    return "\r\n".join((*lines, f"<center><h1>{title}</h1></center>", "</body>", "</html>", ""))


def refusal(status: int, condition: str) -> str:
    """Answer requests that meet `condition` with the page for `status`."""
    return f"http-request return status {status} {_content(status)} if {condition}"


def error(status: int, instead_of: int | None = None) -> str:
    """Use our page where HAProxy would answer `instead_of` (`status` itself, if not given)."""
    code = instead_of or status
    return f"http-error status {code} {_content(status)}"


def _content(status: int) -> str:
    return f"content-type text/html string {word(page(status))}"


def errors() -> list[str]:
    return [error(status) for status in _OWN]
