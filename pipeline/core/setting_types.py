"""The types of the values in `tandem.toml`: sizes, paths, ARNs and their validation."""

import re
from collections.abc import Mapping
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(KB|MB|GB|KiB|MiB|GiB|B)", re.IGNORECASE)
_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?)\s*([A-Za-z]*)", re.ASCII)
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_ALL = 100  # percent
_ARN = re.compile(r"arn:aws[a-z-]*:(secretsmanager|ssm):[a-z0-9-]+:[0-9]{12}:[ -~]+")
_FILE_ARN = re.compile(r"arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[!-~]+\.env")
_BRANCH = re.compile(r"[^\s~^:?*\[\\]+")  # what git allows in a name
_RESERVED = re.compile(r"(internal|sthree|amzn-s3-demo)(-|$)|xn--")
_HUGE = 2**63


def _cpu_units(value: object) -> object:
    """ECS CPU units from `256`, `"256"` or `"0.25 vCPU"`."""
    wrong = 'must be CPU units, such as 256, or a text such as "0.25 vCPU"'
    return _amount(value, {"": 1, "vcpu": 1024}, wrong)


def _mebibytes(value: object) -> object:
    """MiB from `512`, `"512"`, `"512 MB"` or `"2 GB"` (ECS counts these by 1024)."""
    wrong = 'must be MiB, such as 512, or a text such as "512 MB" or "2 GB"'
    return _amount(value, {"": 1, "mb": 1, "mib": 1, "gb": 1024, "gib": 1024}, wrong)


def _amount(value: object, units: Mapping[str, int], wrong: str) -> object:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(wrong)
    if not isinstance(value, str):
        return value
    match = _AMOUNT.fullmatch(value.strip())
    unit = units.get(match[2].lower()) if match else None
    if not match or unit is None or ("." in match[1] and unit == 1):
        raise ValueError(wrong)
    return _whole_amount(match[1], unit)


def _bytes(value: object) -> object:
    """Bytes from `"150 MB"` or `"1.5 GiB"`."""
    if isinstance(value, str):
        match = _SIZE.fullmatch(value.strip())
        if not match:
            raise ValueError("is no size; write it as 150 MB or 1.5 GiB")
        return _whole_amount(match[1], _UNITS[match[2].lower()])
    return value


def _whole_amount(number: str, unit: int) -> int:
    amount = float(number) * unit
    if not abs(amount) < _HUGE:  # infinite, or not a number
        raise ValueError("is no amount")
    return round(amount)


def _text(value: str) -> str:
    """No program takes NUL as part of an argument or a variable."""
    if "\0" in value:
        raise ValueError("must not contain NUL")
    return value


def _inside(value: str) -> str:
    if (
        not value.isprintable()
        or "\\" in value
        or value.startswith("/")
        or {"..", ".git"} & set(value.split("/"))
    ):
        raise ValueError("must be a path within the source's repository, with / and without ..")
    return value


def _for_git(value: str) -> str:
    """An argument that git cannot take for an option."""
    if not value.isprintable() or value.startswith("-"):
        raise ValueError("must not start with - or contain control characters")
    return value


def _branch(value: str) -> str:
    if not _BRANCH.fullmatch(_for_git(value)):
        raise ValueError("must be the name of a branch")
    if value.startswith("refs/"):
        raise ValueError("must be the name of a branch, such as main, without refs/heads/")
    return value


def _rooted(value: str) -> str:
    if {".", ".."} & set(value.split("/")):
        raise ValueError("must not contain . or .. as a part")
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", value):
        raise ValueError("must start with / and not end with it, and be of letters, digits and . _ ~ - /")
    return value


def _request_path(value: str) -> str:
    return value if value == "/" else _rooted(value)


def _arn(value: str) -> str:
    if not _ARN.fullmatch(value):
        raise ValueError(
            "must be the ARN of a Secrets Manager secret or SSM parameter, never the value itself"
        )
    return value


def _usable_name(value: str) -> str:
    """Refuse what a load balancer or a bucket may not begin with."""
    if _RESERVED.match(value):
        raise ValueError(
            "must not begin with internal-, sthree-, amzn-s3-demo- or xn--: AWS keeps these names"
        )
    return value


def _environment_file(value: str) -> str:
    if not _FILE_ARN.fullmatch(value) or "*" in value:
        raise ValueError(
            "must be the ARN of an object in S3 that ends with .env: arn:aws:s3:::bucket/name.env"
        )
    return value


def _rising_to_all(value: tuple[int, ...]) -> tuple[int, ...]:
    if not value or value[-1] != _ALL or list(value) != sorted(set(value)) or value[0] < 1:
        raise ValueError("must rise from at least 1 and end with 100")
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError(
            "must be a time zone that this machine knows, such as UTC or Europe/Berlin"
        ) from error
    return value


ProjectName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,18}[a-z0-9]$"), AfterValidator(_usable_name)]
CpuUnits = Annotated[int, BeforeValidator(_cpu_units)]
Mebibytes = Annotated[int, BeforeValidator(_mebibytes)]
ByteCount = Annotated[int, Field(ge=0), BeforeValidator(_bytes)]
CanarySteps = Annotated[tuple[int, ...], AfterValidator(_rising_to_all)]
Text = Annotated[str, AfterValidator(_text)]
Inside = Annotated[str, AfterValidator(_inside)]
Repository = Annotated[str, Field(min_length=1), AfterValidator(_for_git)]
Branch = Annotated[str, Field(min_length=1), AfterValidator(_branch)]
Rooted = Annotated[str, AfterValidator(_rooted)]
RequestPath = Annotated[str, AfterValidator(_request_path)]
"""As `Rooted`, or `/` itself."""
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[int, Field(ge=0, le=3600)]
QuietHours = Annotated[
    str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9])?$")
]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Environment = Annotated[
    dict[VariableName, Text], Field(description="Environment variables, as plain values.")
]
Secrets = Annotated[
    dict[VariableName, Annotated[str, AfterValidator(_arn)]],
    Field(description="Variables whose values are ARNs of Secrets Manager secrets or SSM parameters."),
]
EnvironmentFiles = Annotated[
    tuple[Annotated[str, AfterValidator(_environment_file)], ...],
    Field(
        max_length=10,
        description=(
            "ARNs of files in S3 with variables (`NAME=value` a line), read when a task starts. A changed"
            " file reaches tasks that start later, so give each version a name of its own."
        ),
    ),
]
