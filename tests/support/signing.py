"""Sign a request for the local AWS, as a proxy must that changes what the client signed."""

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_REGION = "eu-central-1"
_NOT_SIGNED = ("authorization", "host", "x-amz-date")


def signer(keys, service=""):
    """Signs with `keys`: a function that gives the headers, for a method, URL, headers and body.

    Without `service`, it is the one for which the headers were signed before.
    """

    def sign(method, url, headers, body):
        plain = {name: value for name, value in headers.items() if name.lower() not in _NOT_SIGNED}
        request = AWSRequest(method, url, plain, body)
        name = service or _signed_service(headers)
        kind = _S3Signer if name == "s3" else SigV4Auth
        kind(Credentials(keys.access_key, keys.secret_key), name, _REGION).add_auth(request)
        return dict(request.headers.items())

    return sign


def _signed_service(headers):
    scope = next(value for name, value in headers.items() if name.lower() == "authorization")
    return scope.partition("Credential=")[2].split("/")[3]


class _S3Signer(SigV4Auth):
    """S3 does not encode the path once more."""

    def _normalize_url_path(self, path):
        return path
