"""The current versions of secrets and parameters; their values are never read."""

from collections.abc import Mapping

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import explain_errors
from pipeline.core.errors import TandemError

_ARN_PARTS = 7  # a Secrets Manager ARN may be followed by a JSON key, a stage and a version


def versions(aws: Aws, secrets: Mapping[str, str]) -> dict[str, str]:
    """The current version of each secret, by variable name; only descriptions are read.

    `secrets` maps variable names to ARNs of Secrets Manager secrets and SSM parameters.

    Raises:
        TandemError: a secret does not exist, has no value, or may not be described.
    """
    return {name: version(aws, arn) for name, arn in sorted(secrets.items())}


def version(aws: Aws, arn: str) -> str:
    """The current version of one secret or parameter; TandemError if it does not exist or has no value."""
    return _parameter(aws, arn) if arn.split(":")[2] == "ssm" else _secret(aws, arn)


def bare(arn: str) -> str:
    """The secret's ARN without JSON key, stage and version."""
    return ":".join(arn.split(":")[:_ARN_PARTS])


def _secret(aws: Aws, arn: str) -> str:
    with explain_errors(f"describe the secret {bare(arn)}"):
        secret = aws.client("secretsmanager").describe_secret(SecretId=bare(arn))
    if secret.get("DeletedDate"):
        raise TandemError(
            f"the secret {bare(arn)} is being deleted", hint="aws secretsmanager restore-secret"
        )
    for identifier, stages in secret.get("VersionIdsToStages", {}).items():
        if "AWSCURRENT" in stages:
            return identifier
    raise TandemError(f"the secret {bare(arn)} has no value yet", hint="aws secretsmanager put-secret-value")


def _parameter(aws: Aws, arn: str) -> str:
    name = arn.split(":", 5)[5].removeprefix("parameter")
    # A parameter without folders is listed without the slash that its ARN has.
    names = [name, name.removeprefix("/")]
    with explain_errors(f"describe the parameter {name}"):
        parameters = aws.client("ssm").describe_parameters(
            ParameterFilters=[{"Key": "Name", "Option": "Equals", "Values": names}]
        )["Parameters"]
    if not parameters:
        raise TandemError(
            f"there is no parameter {arn}", hint="aws ssm put-parameter, or correct tandem.toml"
        )
    return str(parameters[0]["Version"])
