"""Requests to a control plane, signed with its keys or with others."""

import http.client
from typing import Any

import boto3
from botocore.config import Config

from pipeline.local.moto import ControlPlane
from pipeline.local.stack_keys import StackKeys

BODY = b'{"SecretId": "s"}'
"""What a request sends unless a test says otherwise: it reads the secret `s`."""


def client(plane: ControlPlane, service: str, keys: StackKeys | None = None, **more: Any) -> Any:
    """A client of the control plane that signs with `keys`, else with the plane's, and never repeats."""
    keys = keys or plane.keys
    return boto3.client(
        service,
        region_name="eu-central-1",
        endpoint_url=more.pop("url", plane.url),
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        config=Config(retries={"total_max_attempts": 1}),
        **more,
    )


def ask(
    plane: ControlPlane, method: str = "POST", path: str = "/", body: bytes = BODY, **headers: str
) -> http.client.HTTPResponse:
    """Send a request with exactly these headers, except Host and Content-Length."""
    connection = http.client.HTTPConnection("127.0.0.1", plane.port, timeout=5)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    return connection.getresponse()
