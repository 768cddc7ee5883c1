"""Rules for variables and secrets: each name once, and references that ECS can read.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html
"""

import re
from collections.abc import Iterator

from render.finding import Finding, Node, shown

_ARN_PARTS = 6
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2,}(?:-[a-z0-9]+)+")
# A JSON key, a version stage and a version id follow the name: all three or none.
_SECRET = re.compile(r"secret:[A-Za-z0-9/_+=.@!-]+")
_VERSION = re.compile(r"(?::[^:]*){3}|")
# Secrets Manager adds six random characters. Six of one kind are likely a part of the name.
_WORD_SUFFIX = re.compile(r"-(?:[a-z]{6}|[A-Z]{6}|[0-9]{6})$")


def variables(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        plain = {variable.text("name") for variable in container.nodes("environment")}
        names = set[str]()
        for variable in container.nodes("environment"):
            yield from _name(variable)
        for secret in container.nodes("secrets"):
            name = secret.text("name")
            if name and name in plain:
                yield Finding(
                    secret.at("name"),
                    f"{shown(name)} is a plain variable as well",
                    "remove it from environment",
                )
            if name and name in names:
                yield Finding(secret.at("name"), f"{shown(name)} is used more than once", "remove one")
            names.add(name)
            yield from _secret(secret)
        for option in container.node("logConfiguration").nodes("secretOptions"):
            yield from _secret(option)


def registry_credentials(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        credentials = container.node("repositoryCredentials")
        if "repositoryCredentials" not in container.value or not credentials.value:
            continue
        value = credentials.text("credentialsParameter")
        if value:
            yield from _reference(credentials, "credentialsParameter", value)
        else:
            yield Finding(
                credentials.at("credentialsParameter"), "is required", "add the secret's ARN, or remove both"
            )


def _name(variable: Node) -> Iterator[Finding]:
    if not variable.has("name"):
        yield Finding(variable.at("name"), "is required", "add name")


def _secret(secret: Node) -> Iterator[Finding]:
    yield from _name(secret)
    value = secret.text("valueFrom")
    if not value:
        yield Finding(secret.at("valueFrom"), "is required", "add the secret's ARN")
    else:
        yield from _reference(secret, "valueFrom", value)


def _reference(node: Node, key: str, value: str) -> Iterator[Finding]:
    """A finding if `value` is neither a secret's ARN nor the ARN or name of a parameter."""
    if value.startswith("secret:"):
        yield Finding(
            node.at(key),
            f"{shown(value)} is not an ARN",
            "copy the ARN from aws secretsmanager describe-secret",
        )
    if not value.startswith("arn:"):
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


def _wrong_part(arn: str) -> str:
    """The part of the ARN that ECS refuses; empty if there is none."""
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return f"{shown(arn)} is not a whole ARN"
    _, _, service, region, account, resource = parts
    if service not in {"secretsmanager", "ssm"}:
        return f"{shown(service)} is neither secretsmanager nor ssm"
    if not _REGION.fullmatch(region):
        return f"{shown(region)} is not a region"
    if not _ACCOUNT.fullmatch(account):
        return f"{shown(account)} is not an account of 12 digits"
    if service == "ssm":
        return "" if resource.startswith("parameter/") else f"{shown(resource)} is not a parameter"
    return _wrong_secret(resource)


def _wrong_secret(resource: str) -> str:
    match = _SECRET.match(resource)
    rest = resource[match.end() :] if match else resource
    if match is None or not (rest == "" or rest.startswith(":")):
        return f"{shown(resource)} is not a secret"
    if not _VERSION.fullmatch(rest):
        return "a JSON key, a version stage and a version id follow the name: all three, each may be empty"
    return ""


RULES = (variables, registry_credentials)
