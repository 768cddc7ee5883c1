"""Tell AWS's own addresses from others that a variable or a profile may lead to."""

import re
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

from botocore.loaders import Loader

_USUAL = (".amazonaws.com", ".api.aws")
# Of botocore and Terraform: one for all services, one for each service, and Terraform's older names.
_VARIABLE = re.compile(
    r"AWS_ENDPOINT_URL(?:_\w+)?|AWS_(?:DYNAMODB|IAM|S3|SSO|STS|METADATA)_ENDPOINT(?:_URL)?"
)
_FOR_ALL = "AWS_ENDPOINT_URL"


def is_of_aws(url: str) -> bool:
    """Whether `url` is an HTTPS address of AWS, in any of its partitions; VPC endpoints are."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "https" and (host.endswith(_USUAL) or host.endswith(_suffixes()))


def foreign_variable(environ: Mapping[str, str]) -> str:
    """The name of a variable that leads some of AWS's clients elsewhere; empty if there is none."""
    names = (name for name, value in sorted(environ.items()) if value and _VARIABLE.fullmatch(name))
    return next((name for name in names if name == _FOR_ALL or not is_of_aws(environ[name])), "")


def dns_suffix(region: str) -> str:
    """The end of AWS's host names in a region: China's is another one."""
    return _partition(region)[1]


def partition(region: str) -> str:
    """The partition of a region, with which its ARNs begin: `aws`, `aws-cn`, `aws-us-gov`."""
    return _partition(region)[0]


@cache
def _partition(region: str) -> tuple[str, str]:
    return next(
        (
            (str(each["id"]), str(each["outputs"]["dnsSuffix"]))
            for each in Loader().load_data("partitions")["partitions"]
            if re.fullmatch(each["regionRegex"], region)
        ),
        ("aws", "amazonaws.com"),
    )


@cache
def _suffixes() -> tuple[str, ...]:
    partitions = Loader().load_data("endpoints")["partitions"]
    variants = [each for partition in partitions for each in partition["defaults"].get("variants", ())]
    return tuple({f".{each['dnsSuffix']}" for each in (*partitions, *variants) if "dnsSuffix" in each})
