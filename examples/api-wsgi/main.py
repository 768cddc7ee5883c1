"""The Lambda handler of a WSGI application.

Mangum takes ASGI applications only: around a WSGI application it fails at the first request. apig-wsgi
turns the load balancer's event into a WSGI environment, with every value of a repeated key.
"""

from typing import Any

from apig_wsgi import make_lambda_handler
from shop.wsgi import application

_answer = make_lambda_handler(application, binary_support=True)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one event of the load balancer."""
    headers = event.get("multiValueHeaders") or {}
    if "cookie" in headers:
        # HTTP/2 clients split their cookies; the adapter would join them by commas.
        event = {**event, "multiValueHeaders": {**headers, "cookie": ["; ".join(headers["cookie"])]}}
    return _answer(event, context)
