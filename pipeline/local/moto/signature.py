"""Signature Version 4, the server's side: read a request's signature and compute the expected one.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Self
from urllib.parse import parse_qs, quote, unquote

_ALGORITHM = "AWS4-HMAC-SHA256"
_HEADER = re.compile(
    rf"{_ALGORITHM} +Credential=(?P<key>[A-Z0-9]{{16,128}})/(?P<date>\d{{8}})/(?P<region>[a-z0-9-]+)/"
    r"(?P<service>[a-z0-9.-]+)/aws4_request *, *SignedHeaders=(?P<headers>[a-z0-9;_-]+) *, *"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
_TIMESTAMP = "%Y%m%dT%H%M%SZ"
_SKEW = timedelta(minutes=15)
_WEEK = 7 * 24 * 3600
UNSIGNED = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True)
class SignedRequest:
    """The parts of an HTTP request that a signature covers; header names are in lower case."""

    method: str
    target: str
    """Path and query as they were sent."""
    headers: Mapping[str, str]
    payload_hash: str

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


@dataclass(frozen=True)
class Signature:
    """A request's signature, from its Authorization header or, if presigned, from its query."""

    access_key: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    value: str
    timestamp: str
    token: str = ""
    expires: int = 0
    """Seconds for which a presigned request is valid; 0 for a signed header."""

    @classmethod
    def of(cls, headers: Mapping[str, str], query: str) -> Self | None:
        """The signature; None without one that has this form exactly."""
        if "authorization" in headers:
            text, timestamp = headers["authorization"], headers.get("x-amz-date", "")
            return cls._parse(text, timestamp, headers.get("x-amz-security-token", ""))
        values = {name: value[0] for name, value in parse_qs(query).items()}
        expires = values.get("X-Amz-Expires", "")
        if values.get("X-Amz-Algorithm") != _ALGORITHM or not re.fullmatch(r"[1-9]\d{0,5}", expires):
            return None
        token = values.get("X-Amz-Security-Token", "")
        return cls._parse(_header(values), values.get("X-Amz-Date", ""), token, int(expires))

    @classmethod
    def _parse(cls, text: str, timestamp: str, token: str, expires: int = 0) -> Self | None:
        match = _HEADER.fullmatch(text)
        if match is None or expires > _WEEK:
            return None
        names = tuple(match["headers"].split(";"))
        scope = match["key"], match["date"], match["region"], match["service"]
        return cls(*scope, names, match["signature"], timestamp, token, expires)

    @property
    def header(self) -> str:
        """The signature as an Authorization header."""
        scope = f"{self.access_key}/{self.date}/{self.region}/{self.service}/aws4_request"
        names = ";".join(self.signed_headers)
        return f"{_ALGORITHM} Credential={scope}, SignedHeaders={names}, Signature={self.value}"

    def is_current(self, now: datetime) -> bool:
        """Whether the request was signed within 15 minutes, or a presigned one has not expired."""
        try:
            signed_at = datetime.strptime(self.timestamp, _TIMESTAMP).replace(tzinfo=UTC)
        except ValueError:
            return False
        latest = timedelta(seconds=self.expires) if self.expires else _SKEW
        return self.timestamp.startswith(self.date) and -_SKEW <= now - signed_at <= latest

    def is_made_with(self, secret: str, request: SignedRequest) -> bool:
        """Whether `secret` makes this signature of the request; compared in constant time."""
        required_headers = {"host", *(("x-amz-date",) if not self.expires else ())}
        if not required_headers <= set(self.signed_headers) <= request.headers.keys():
            return False
        return hmac.compare_digest(self._expected(secret, request), self.value)

    def _expected(self, secret: str, request: SignedRequest) -> str:
        scope = f"{self.date}/{self.region}/{self.service}/aws4_request"
        digest = sha256(self._canonical(request).encode("utf-8", "surrogateescape")).hexdigest()
        text = f"{_ALGORITHM}\n{self.timestamp}\n{scope}\n{digest}"
        key = f"AWS4{secret}".encode()
        for part in (self.date, self.region, self.service, "aws4_request"):
            key = _hmac(key, part)
        return _hmac(key, text).hex()

    def _canonical(self, request: SignedRequest) -> str:
        # Every service but S3 encodes the path once more.
        path = request.path if self.service == "s3" else quote(_normalized(request.path), safe="/-_.~")
        headers = [f"{name}:{' '.join(request.headers[name].split())}" for name in self.signed_headers]
        return "\n".join(
            (
                request.method,
                path or "/",
                _canonical_query(request.query),
                *headers,
                "",
                ";".join(self.signed_headers),
                UNSIGNED if self.expires and self.service == "s3" else request.payload_hash,
            )
        )


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), sha256).digest()


def _header(query: Mapping[str, str]) -> str:
    """The Authorization header that says what a presigned request's query says."""
    parts = ("Credential", "SignedHeaders", "Signature")
    return f"{_ALGORITHM} " + ", ".join(f"{part}={query.get(f'X-Amz-{part}', '')}" for part in parts)


def _normalized(path: str) -> str:
    """The path without empty and dot segments (RFC 3986, section 5.2.4)."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/" + "/".join(parts) + ("/" if parts and path.endswith("/") else "")


def _canonical_query(query: str) -> str:
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    encoded = sorted((_encoded(name), _encoded(value)) for name, _, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded if name != "X-Amz-Signature")


def _encoded(text: str) -> str:
    return quote(unquote(text), safe="-_.~")
