"""Rules for variables and secrets: each name once, and references that ECS can read.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html
"""

import re
from collections.abc import Iterator

from render.finding import Finding, Node, excerpt, placeholder

_ARN_PARTS = 6
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2,}(?:-[a-z0-9]+)+")
_PARTITION = re.compile(r"aws(?:-[a-z]+)*")
_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
_PARAMETER_LEVEL = re.compile(r"[A-Za-z0-9_.-]+")
_PARAMETER_VERSION = re.compile(r":[A-Za-z0-9_.-]+\Z")
_MOST_LEVELS = 15
_SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]+")
# A JSON key, a version stage and a version id follow the name: all three or none.
_SECRET = re.compile(r"secret:[A-Za-z0-9/_+=.@!-]+")
_VERSION = re.compile(r"(?::[^:]*){3}|")
# Secrets Manager adds six random characters. Six of one kind are likely a part of the name.
_WORD_SUFFIX = re.compile(r"-(?:[a-z]{6}|[A-Z]{6}|[0-9]{6})$")


def variables(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        plain = {variable.text("name") for variable in container.nodes("environment")}
        names = set[str]()
        yield from _repeated(container)
        for variable in container.nodes("environment"):
            yield from _name(variable)
        for secret in container.nodes("secrets"):
            name = secret.text("name")
            if name and name in plain:
                yield Finding(
                    secret.at("name"),
                    f"{excerpt(name)} is a plain variable as well",
                    "remove it from environment",
                )
            if name and name in names:
                yield Finding(secret.at("name"), f"{excerpt(name)} is used more than once", "remove one")
            names.add(name)
            yield from _secret(secret)
        for option in container.node("logConfiguration").nodes("secretOptions"):
            yield from _secret(option)


def _repeated(container: Node) -> Iterator[Finding]:
    names = set[str]()
    for variable in container.nodes("environment"):
        name = variable.text("name")
        if name in names:
            yield Finding(
                variable.at("name"),
                f"{excerpt(name)} is there twice, and one wins",
                "remove one",
                warning=True,
            )
        names |= {name} - {""}


def registry_credentials(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        credentials = container.node("repositoryCredentials")
        if "repositoryCredentials" not in container.value or not credentials.value:
            continue
        value = credentials.text("credentialsParameter")
        if value.startswith("arn:"):
            yield from _reference(credentials, "credentialsParameter", value)
            yield from _whole_secret(credentials, value)
        elif value:
            yield from _secret_name(credentials, value)
        elif not credentials.has("credentialsParameter"):
            yield Finding(
                credentials.at("credentialsParameter"), "is required", "add the secret's ARN, or remove both"
            )


def _whole_secret(credentials: Node, value: str) -> Iterator[Finding]:
    """A finding if the ARN is of a parameter, or names a part of the secret: ECS reads the whole secret."""
    if _wrong_part(value):
        return
    parts = value.split(":")
    if parts[2] != "secretsmanager" or len(parts) > _ARN_PARTS + 1:
        yield Finding(
            credentials.at("credentialsParameter"),
            f"{excerpt(value)} is not the ARN of a whole secret",
            "write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME",
        )


def _secret_name(credentials: Node, value: str) -> Iterator[Finding]:
    if not _SECRET_NAME.fullmatch(value):
        yield Finding(
            credentials.at("credentialsParameter"),
            f"{excerpt(value)} is {'a placeholder' if placeholder(value) else 'neither an ARN nor a name'}",
            "write the ARN or the name of the secret",
        )


def _name(variable: Node) -> Iterator[Finding]:
    if not variable.has("name"):
        yield Finding(variable.at("name"), "is required", "add name")


def _secret(secret: Node) -> Iterator[Finding]:
    yield from _name(secret)
    value = secret.text("valueFrom")
    if not secret.has("valueFrom"):
        yield Finding(secret.at("valueFrom"), "is required", "add the secret's ARN")
    elif value:
        yield from _reference(secret, "valueFrom", value)


def _reference(node: Node, key: str, value: str) -> Iterator[Finding]:
    """A finding if `value` is neither a secret's ARN nor the ARN or name of a parameter."""
    if not value.startswith("arn:"):
        yield from _parameter_name(node, key, value)
        return
    problem = _wrong_part(value)
    if problem:
        yield Finding(
            node.at(key),
            problem,
            "write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME or a parameter's ARN",
        )
    elif ":secretsmanager:" in value and _WORD_SUFFIX.search(value.split(":")[6]):
        yield Finding(
            node.at(key),
            "Secrets Manager cannot find a secret by an ARN that lacks its six random characters if the name"
            " itself ends in a hyphen and six characters",
            "compare it with the ARN from aws secretsmanager describe-secret",
            warning=True,
        )


def _parameter_name(node: Node, key: str, value: str) -> Iterator[Finding]:
    """ECS takes what is no ARN for a parameter's name."""
    if placeholder(value):
        yield Finding(node.at(key), f"{excerpt(value)} is a placeholder", "check the rendered file instead")
    elif value.startswith("secret:") or not _is_parameter(value):
        yield Finding(
            node.at(key),
            f"{excerpt(value)} is neither an ARN nor the name of a parameter",
            "copy the ARN from aws secretsmanager describe-secret or aws ssm get-parameter",
        )


def _is_parameter(name: str) -> bool:
    levels = _PARAMETER_VERSION.sub("", name).removeprefix("/").split("/")
    return len(levels) <= _MOST_LEVELS and all(_PARAMETER_LEVEL.fullmatch(level) for level in levels)


def _wrong_part(arn: str) -> str:
    """The part of the ARN that ECS refuses; empty if there is none."""
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return f"{excerpt(arn)} is not a whole ARN"
    _, partition, service, region, account, resource = parts
    if service not in {"secretsmanager", "ssm"}:
        return f"{excerpt(service)} is neither secretsmanager nor ssm"
    return _wrong_place(partition, region, account) or (
        _wrong_parameter(resource) if service == "ssm" else _wrong_secret(resource)
    )


def _wrong_place(partition: str, region: str, account: str) -> str:
    if not _PARTITION.fullmatch(partition):
        return f"{excerpt(partition)} is not a partition of AWS"
    if not _REGION.fullmatch(region):
        return f"{excerpt(region)} is not a region"
    if partition in {"aws", *_PARTITIONS.values()} and partition != _partition_of(region):
        return f"{excerpt(region)} is a region of the partition {_partition_of(region)}, not {partition}"
    return "" if _ACCOUNT.fullmatch(account) else f"{excerpt(account)} is not an account of 12 digits"


def _wrong_parameter(resource: str) -> str:
    kind, _, name = resource.partition("/")
    is_parameter = kind == "parameter" and not name.startswith("/") and _is_parameter(name)
    return "" if is_parameter else f"{excerpt(resource)} is not a parameter"


def _partition_of(region: str) -> str:
    """The partition whose regions begin as this one does; regions of `aws` have no beginning in common."""
    return next((name for beginning, name in _PARTITIONS.items() if region.startswith(beginning)), "aws")


def _wrong_secret(resource: str) -> str:
    match = _SECRET.match(resource)
    rest = resource[match.end() :] if match else resource
    if match is None or not (rest == "" or rest.startswith(":")):
        return f"{excerpt(resource)} is not a secret"
    if not _VERSION.fullmatch(rest):
        return "a JSON key, a version stage and a version id follow the name: all three, each may be empty"
    return ""


RULES = (variables, registry_credentials)
